import type { Command } from '../command.js'
import { runRealtime } from '../realtime/run-realtime.js'

/** `eds realtime`: changes of a database to browsers, in place of esink. */
export const command: Command = (call) => runRealtime(call)
