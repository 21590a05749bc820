import type { Command } from '../command.js'
import { exitCodes } from '../exit-codes.js'
import { releaseKey } from '../upgrade/release-key.js'

/** `eds publickey`: the key that releases are signed with. */
export const command: Command = async ({ io }) => {
  io.stdout.write(releaseKey())
  return exitCodes.done
}
