import { type ExitCode, exitCodes } from '../exit-codes.js'
import type { InstalledVersion } from './upgrader.js'

/** How the supervisor's work ends. */
export interface Outcome {
  readonly exitCode: ExitCode
  /** Whether HQ is told that this server failed. */
  readonly errored: boolean
  /** Thrown when all is cleared up. */
  readonly error?: unknown
  /** Another version to run in the place of this one. */
  readonly next?: InstalledVersion
}

/** One stretch of work: from a start to the first wish or failure that ends it. */
export class Life {
  readonly #stopping = new AbortController()
  #settle: (outcome: Outcome) => void = () => {}
  readonly outcome: Promise<Outcome>

  constructor() {
    this.outcome = new Promise((resolve) => {
      this.#settle = resolve
    })
  }

  /** Aborts when it is to end. */
  get signal(): AbortSignal {
    return this.#stopping.signal
  }

  /** The first one counts. */
  end(outcome: Partial<Outcome> = {}): void {
    this.#settle({ exitCode: exitCodes.done, errored: false, ...outcome })
    this.#stopping.abort()
  }
}
