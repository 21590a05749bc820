export type { CommandIo, Input, Output } from './command.js'
export { defineConfig, type EdsConfig } from './config/schema.js'
export { type ExitCode, exitCodes } from './exit-codes.js'
export { runProgram } from './program.js'
