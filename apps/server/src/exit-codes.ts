/** What the process tells its caller, and a supervisor, when it ends. */
export const exitCodes = {
  done: 0,
  error: 1,
  /** The command line, a URL or a configuration is wrong: starting again cannot help. */
  usage: 3,
  restart: 4,
  natsLost: 5,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** Ends a command with an exit code of its choice; the message is the last line that is shown. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'
  readonly exitCode: ExitCode

  constructor(exitCode: ExitCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.exitCode = exitCode
  }
}

/** An error that says what is wrong with the command line and how it would be right. */
export function usageError(message: string, fix?: string): CommandFailure {
  return new CommandFailure(exitCodes.usage, fix === undefined ? message : `${message}: ${fix}`)
}
