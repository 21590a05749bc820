import { z } from 'zod'
import type { Command } from '../command.js'
import { exitCodes } from '../exit-codes.js'
import { installedDrivers } from '../host/drivers.js'
import { formatTable } from '../host/table.js'
import { readCommonSettings } from '../settings/common.js'
import { readConfigFile } from '../settings/config-file.js'
import { flag, readOptions } from '../settings/option-types.js'

/** `eds driver list`: what is installed. */
export const command: Command = async (call) => {
  const { json = false } = readOptions(z.object({ json: flag.optional() }), call)
  const { drivers: listed } = await readConfigFile(readCommonSettings(call).dataDirectory)
  const found = await installedDrivers(call.io.workingDirectory, listed)
  const drivers = await Promise.all(
    found.map(async ({ packageName, version, load }) => {
      const { name, title, schemes, exampleUrl } = await load()
      return { name, title, schemes, exampleUrl, package: packageName, version }
    }),
  )
  drivers.sort((left, right) => (left.name < right.name ? -1 : 1))
  if (json) call.io.stdout.write(`${JSON.stringify(drivers)}\n`)
  else {
    const rows = drivers.map((driver) => [
      driver.name,
      driver.title,
      `${driver.package} ${driver.version}`,
      driver.exampleUrl,
    ])
    call.io.stdout.write(formatTable(['DRIVER', 'DESTINATION', 'PACKAGE', 'EXAMPLE'], rows))
  }
  return exitCodes.done
}
