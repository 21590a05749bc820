import { type EdsError, toEdsError } from '../errors.js'
import type { Clock } from '../runtime.js'
import { backoffMs } from './backoff.js'
import type { LaneMonitor } from './lane-monitor.js'
import type { RetryOptions } from './types.js'

/** Thrown inside a lane when it was told to stop while something was failing; never leaves it. */
export class Stopped extends Error {
  override readonly name = 'Stopped'
}

export interface RetrierOptions {
  readonly clock: Clock
  readonly random: () => number
  readonly retry: RetryOptions
  readonly monitor: LaneMonitor
  /** Ends waiting. */
  readonly stop: AbortSignal
  /** Makes the destination usable again. */
  readonly connect: () => Promise<void>
}

/** Patience: waits between attempts, for as long as it takes, until the lane is told to stop. */
export class Retrier {
  readonly #options: RetrierOptions

  constructor(options: RetrierOptions) {
    this.#options = options
  }

  throwIfStopped(): void {
    if (this.#options.stop.aborted) throw new Stopped()
  }

  /** Waits before attempt `attempt + 1`. Rejects with {@link Stopped}. */
  async wait(error: EdsError, attempt: number): Promise<void> {
    const { clock, random, retry, monitor, stop } = this.#options
    this.throwIfStopped()
    monitor.retry(error)
    await clock.sleep(backoffMs(attempt, error, retry, random), stop)
    this.throwIfStopped()
  }

  /** Something worked, or is no longer tried. */
  succeeded(): void {
    this.#options.monitor.recovered()
  }

  /** Connects until it works. Rejects when it never will, or with {@link Stopped}. */
  reconnect(): Promise<void> {
    return this.untilDone(this.#options.connect, { staysRetrying: true })
  }

  /**
   * Repeats `action` until it resolves. Rejects with what is not retryable, or with {@link Stopped}. `everything`: no error is
   * taken as final (state and dead letters: a full disk may be repaired). `reconnects`: the action needs the destination, so
   * the driver gets a chance to replace what broke before it is asked again.
   */
  async untilDone(
    action: () => Promise<void>,
    options: { readonly everything?: boolean; readonly staysRetrying?: boolean; readonly reconnects?: boolean } = {},
  ): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await action()
        if (attempt > 1 && !options.staysRetrying) this.succeeded()
        return
      } catch (thrown) {
        const error = toEdsError(thrown)
        this.throwIfStopped()
        if (!error.retryable && !options.everything) throw error
        await this.wait(error, attempt)
        if (options.reconnects) await this.reconnect()
      }
    }
  }
}
