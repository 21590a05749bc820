import type { Readable, Writable } from 'node:stream'
import type { ExitCode } from './exit-codes.js'
import type { Redactor } from './redactor.js'

export type Output = Pick<Writable, 'write'> & { readonly isTTY?: boolean; readonly columns?: number }
export type Input = Readable & { readonly isTTY?: boolean }

/** What a command has instead of the process' globals, so that a test can own it. */
export interface CommandIo {
  /** Results. */
  readonly stdout: Output
  /** Logs, progress and errors. */
  readonly stderr: Output
  readonly stdin: Input
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly workingDirectory: string
  /** Calls the listener whenever the program is asked to read its configuration anew (SIGHUP), until the function it gives is called. */
  readonly onReload?: (listener: () => void) => () => void
  /** Aborted when the user or the system asks the program to stop. */
  readonly signal: AbortSignal
}

/** One call of one command. */
export interface CommandCall {
  /** Options by their camel-case names, as given: texts, lists of texts, or true. */
  readonly options: Readonly<Record<string, unknown>>
  readonly operands: readonly string[]
  /** `maxAckPending` → `--maxAckPending`, for messages. */
  readonly flagOf: (option: string) => string
  readonly io: CommandIo
  /** Knows every secret that the command has come across. */
  readonly redactor: Redactor
}

export type Command = (call: CommandCall) => Promise<ExitCode>
