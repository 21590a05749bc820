import { z } from 'zod'
import type { CommandCall } from '../command.js'
import { readConfigFile } from '../settings/config-file.js'
import { findConfig } from './config-location.js'
import { readConfigContent } from './read-file.js'

/** All that counts here: whatever else is wrong with the file is said by the commands that go by it. */
const listing = z.object({ drivers: z.array(z.string()) })

/**
 * The driver packages that `config.toml` and the configuration file of the working directory name.
 *
 * @throws CommandFailure (exit code 3) when one of them cannot be read
 */
export async function listedDrivers({ io }: CommandCall, dataDirectory: string): Promise<readonly string[]> {
  const { drivers = [] } = await readConfigFile(dataDirectory)
  const path = findConfig(io.workingDirectory, undefined)
  const listed = listing.safeParse(path === undefined ? undefined : await readConfigContent(path))
  return [...drivers, ...(listed.data?.drivers ?? [])]
}
