import { type EdsError, type Logger, toEdsError } from '@eds/core'
import type { EndpointHealth } from '@eds/source-http'
import type { SyncOptions } from '@eds/sync'
import { withFix } from '../failure.js'

/** How the last attempt to reach the destination went. `blocked`: trying again cannot help until somebody has done something. */
export type DeliveryState = 'untried' | 'ok' | 'failing' | 'blocked'

/** For the status. */
export interface DeliveryReport {
  readonly state: DeliveryState
  readonly destination: string
  readonly error?: string
  /** What to do about the error. */
  readonly fix?: string
}

/** Knows whether messages reach their destination, and logs when they cannot, and when they can again. */
export class Delivery {
  readonly #destination: string
  readonly #logger: Logger
  #state: DeliveryState = 'untried'
  #error: EdsError | undefined

  /** @param destination - as it may be told */
  constructor(destination: string, logger: Logger) {
    this.#destination = destination
    this.#logger = logger
  }

  /** The same, observed. */
  observe(send: SyncOptions['send']): SyncOptions['send'] {
    return async (message, signal, firing) => {
      try {
        await send(message, signal, firing)
      } catch (error) {
        if (!signal.aborted) this.note(toEdsError(error))
        throw error
      }
      this.note(undefined)
    }
  }

  /** The destination was tried; `error` is why it cannot be used. That it refuses one message for good says nothing of others. */
  note(error: EdsError | undefined): void {
    if (error?.code === 'record') return
    const before = this.#state
    this.#error = error
    this.#state = error === undefined ? 'ok' : error.retryable ? 'failing' : 'blocked'
    if (this.#state === before) return
    if (error !== undefined) this.#tellTrouble(error, before)
    else if (before !== 'untried') this.#logger.info({}, `messages can be delivered again: ${this.#destination}`)
  }

  health(): EndpointHealth {
    if (this.#error === undefined) return { status: this.#state === 'untried' ? 'starting' : 'ok' }
    return { status: this.#state === 'blocked' ? 'blocked' : 'degraded', reason: withFix(this.#error) }
  }

  report(): DeliveryReport {
    const { message, fix } = this.#error ?? {}
    return {
      state: this.#state,
      destination: this.#destination,
      ...(message === undefined ? {} : { error: message }),
      ...(fix === undefined ? {} : { fix }),
    }
  }

  /** What fails for a while, later than at the start, the message that stays due tells. */
  #tellTrouble(error: EdsError, before: DeliveryState): void {
    const reason = `${withFix(error)}; events are taken and kept`
    const fields = { code: error.code, destination: this.#destination }
    if (this.#state === 'blocked') this.#logger.error(fields, `messages cannot be delivered: ${reason}`)
    else if (before === 'untried') this.#logger.warn(fields, `messages cannot be delivered yet: ${reason}`)
  }
}
