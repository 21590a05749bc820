import { resolve } from 'node:path'
import type { Command } from '../command.js'
import { exitCodes } from '../exit-codes.js'
import { downloadVersion } from '../upgrade/download-version.js'
import { npmClient } from '../upgrade/npm.js'
import { releaseKey } from '../upgrade/release-key.js'

/** `eds download <version> <file>`: fetches and verifies the package of a version. */
export const command: Command = async ({ io, operands }) => {
  const [wanted = '', target = ''] = operands
  const file = resolve(io.workingDirectory, target)
  const npm = npmClient(io.environment)
  const { version, integrity } = await downloadVersion(wanted, {
    npm,
    publicKey: releaseKey(),
    file,
    signal: io.signal,
  })
  io.stdout.write(`${file}: version ${version}, signed as released, ${integrity}\n`)
  return exitCodes.done
}
