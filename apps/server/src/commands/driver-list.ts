import { type DiscoveredDriver, toEdsError } from '@eds/core'
import { z } from 'zod'
import type { Command } from '../command.js'
import { listedDrivers } from '../config/listed-drivers.js'
import { exitCodes } from '../exit-codes.js'
import { withFix } from '../failure.js'
import { installedDrivers } from '../host/drivers.js'
import { formatTable } from '../host/table.js'
import { readCommonSettings } from '../settings/common.js'
import { flag, readOptions } from '../settings/option-types.js'

/** `eds driver list`: what is installed. One that cannot be used is said, and does not hide the others. */
export const command: Command = async (call) => {
  const { json = false } = readOptions(z.object({ json: flag.optional() }), call)
  const listed = await listedDrivers(call, readCommonSettings(call).dataDirectory)
  const found = await installedDrivers(call.io.workingDirectory, listed)
  const outcomes = await Promise.all(found.map(describeDriver))
  const drivers = outcomes.flatMap((outcome) => (outcome.problem === undefined ? [outcome] : []))
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
  const problems = outcomes.flatMap(({ problem }) => problem ?? [])
  for (const problem of problems) call.io.stderr.write(`error: ${problem}\n`)
  return problems.length === 0 ? exitCodes.done : exitCodes.usage
}

async function describeDriver({ packageName, version, load }: DiscoveredDriver) {
  try {
    const { name, title, schemes, exampleUrl } = await load()
    return { name, title, schemes, exampleUrl, package: packageName, version }
  } catch (error) {
    return { problem: withFix(toEdsError(error)) }
  }
}
