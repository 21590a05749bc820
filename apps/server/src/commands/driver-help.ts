import { type DriverDefinition, describeOptions } from '@eds/core'
import type { Command } from '../command.js'
import { listedDrivers } from '../config/listed-drivers.js'
import { exitCodes, usageError } from '../exit-codes.js'
import { installedDrivers } from '../host/drivers.js'
import { formatTable } from '../host/table.js'
import { readCommonSettings } from '../settings/common.js'

/** `eds server help [driver]`: the drivers with an example each, or one of them in full. */
export const command: Command = async (call) => {
  const listed = await listedDrivers(call, readCommonSettings(call).dataDirectory)
  const found = await installedDrivers(call.io.workingDirectory, listed)
  const definitions = await Promise.all(found.map((driver) => driver.load()))
  const [wanted] = call.operands
  call.io.stdout.write(wanted === undefined ? overview(definitions) : explain(choose(definitions, wanted)))
  return exitCodes.done
}

function overview(definitions: readonly DriverDefinition[]): string {
  const items = definitions.map(
    ({ name, title, description, exampleUrl }) =>
      `${name}: ${title}\n  ${description}\n  eds server --url "${exampleUrl}"\n`,
  )
  return `${items.join('\n')}\nMore about one: eds server help <driver>\n`
}

function choose(definitions: readonly DriverDefinition[], wanted: string): DriverDefinition {
  const found = definitions.find(({ name, schemes }) => name === wanted || schemes.includes(wanted))
  if (found) return found
  throw usageError(`there is no driver "${wanted}"`, `installed are ${definitions.map(({ name }) => name).join(', ')}`)
}

function explain(definition: DriverDefinition): string {
  const { title, description, exampleUrl, help } = definition
  const rows = describeOptions(definition).map(({ name, type, required, default: preset, description: meaning }) => [
    name,
    type,
    required ? 'required' : (preset ?? ''),
    meaning,
  ])
  const options = formatTable(['OPTION', 'TYPE', 'DEFAULT', 'MEANING'], rows)
  const parts = [title, description, `Example: eds server --url "${exampleUrl}"`, options, help ?? '']
  return `${parts
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .join('\n\n')}\n`
}
