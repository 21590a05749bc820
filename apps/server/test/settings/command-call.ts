import { PassThrough } from 'node:stream'
import type { CommandCall } from '../../src/command.js'
import { Redactor } from '../../src/redactor.js'

/** What a command line came to, for what only reads it. */
interface GivenCall {
  readonly options?: CommandCall['options']
  readonly operands?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** Default: the root. */
  readonly workingDirectory?: string
}

export function commandCall({
  options = {},
  operands = [],
  environment = {},
  workingDirectory = '/',
}: GivenCall): CommandCall {
  const stream = new PassThrough()
  const io = { stdout: stream, stderr: stream, stdin: stream }
  return {
    options,
    operands,
    flagOf: (option) => `--${option}`,
    redactor: new Redactor(),
    io: { ...io, environment, workingDirectory, signal: new AbortController().signal },
  }
}
