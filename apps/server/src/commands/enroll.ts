import type { Command } from '../command.js'
import { exitCodes } from '../exit-codes.js'
import { enroll } from '../session/enroll.js'

/** `eds enroll <code>`: registers this server with HQ. */
export const command: Command = async (call) => {
  const [code = ''] = call.operands
  const serverId = await enroll(call, code)
  call.io.stdout.write(`enrolled as server ${serverId}: run eds server\n`)
  return exitCodes.done
}
