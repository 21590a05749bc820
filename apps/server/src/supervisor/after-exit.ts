import { type ExitCode, exitCodes } from '../exit-codes.js'

/** How a worker ended. */
export interface WorkerExit {
  /** `null` when a signal ended it. */
  readonly code: number | null
  readonly signal: string | null
}

/** What the supervisor does about a worker that ended by itself. */
export type AfterExit =
  /** Someone asked it to stop: so does the supervisor. */
  | 'stop'
  /** Nothing that another try could cure. */
  | 'give up'
  /** Start it again, with the same session. */
  | 'restart'
  /** Start it again with a new session: the server refused what the session had. */
  | 'renew'
  | 'crash'

export function afterExit({ code }: WorkerExit): AfterExit {
  switch (code) {
    case exitCodes.done:
      return 'stop'
    case exitCodes.usage:
      return 'give up'
    case exitCodes.restart:
      return 'restart'
    case exitCodes.natsLost:
      return 'renew'
    default:
      return 'crash'
  }
}

/** For people: `exit code 1`, `signal SIGKILL`. */
export function describeExit({ code, signal }: WorkerExit): string {
  return signal === null ? `exit code ${code}` : `signal ${signal}`
}

/** The exit code of the program when its worker ended like this and is not started again. */
export function exitCodeAfter({ code }: WorkerExit): ExitCode {
  if (code === exitCodes.done) return exitCodes.done
  return code === exitCodes.usage ? exitCodes.usage : exitCodes.error
}
