import type { Command } from '../command.js'
import { usageError } from '../exit-codes.js'
import { serveDirectly } from '../host/serve-directly.js'
import { readModeFacts } from '../settings/hq.js'
import { decideMode } from '../supervisor/mode.js'

/** `eds server`: delivers changes until it is stopped, managed from HQ or on its own. */
export const command: Command = async (call) => {
  const mode = decideMode(await readModeFacts(call))
  if (mode === 'direct') return serveDirectly(call)
  if (mode === 'refused') {
    throw usageError('this server is not enrolled, or not any more', 'run eds enroll <code> with a code that HQ shows')
  }
  if (mode === 'enroll') {
    const { enrollOnTerminal } = await import('../session/enroll.js')
    await enrollOnTerminal(call)
  }
  const { supervise } = await import('../supervisor/supervise.js')
  return supervise(call)
}
