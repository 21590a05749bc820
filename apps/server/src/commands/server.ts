import type { Command } from '../command.js'
import { configForServer } from '../config/config-location.js'
import { usageError } from '../exit-codes.js'
import { serveDirectly } from '../host/serve-directly.js'
import { readModeFacts } from '../settings/hq.js'
import { decideMode } from '../supervisor/mode.js'

/** `eds server`: delivers changes until it is stopped, managed from HQ or on its own. */
export const command: Command = async (call) => {
  const facts = await readModeFacts(call)
  const config = configForServer(call, facts)
  if (config !== undefined) {
    const { serveConfigured } = await import('../config/serve-configured.js')
    return serveConfigured(call, config)
  }
  const mode = decideMode(facts)
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
