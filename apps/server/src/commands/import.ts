import type { Command } from '../command.js'

export const command: Command = async () => 0
