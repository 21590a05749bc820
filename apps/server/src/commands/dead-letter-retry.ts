import type { Command } from '../command.js'
import { settleDeadLetters } from '../host/settle-dead-letters.js'

/** `eds dead-letter retry [ids…]` */
export const command: Command = (call) => settleDeadLetters(call, 'retry')
