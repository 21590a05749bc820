import type { EdsError } from '../errors.js'
import type { Logger } from '../runtime.js'
import type { LaneState, LaneStatus, PipelineMetrics } from './types.js'

/** Counts what a lane does and reports changes of its state, once per change. */
export class LaneMonitor {
  readonly #sink: string
  readonly #now: () => number
  readonly #logger: Logger
  readonly #metrics: PipelineMetrics
  #state: LaneState = 'connecting'
  #since: number
  #error: LaneStatus['error']
  /** True from the moment that somebody asked for a pause. */
  paused = false
  totalEvents = 0
  totalBytes = 0
  skippedEvents = 0
  retries = 0

  constructor(sink: string, now: () => number, logger: Logger, metrics: PipelineMetrics) {
    this.#sink = sink
    this.#now = now
    this.#since = now()
    this.#logger = logger
    this.#metrics = metrics
  }

  get state(): LaneState {
    return this.#state
  }

  get facts(): Pick<
    LaneStatus,
    'state' | 'since' | 'totalEvents' | 'totalBytes' | 'skippedEvents' | 'retries' | 'error'
  > {
    const { totalEvents, totalBytes, skippedEvents, retries } = this
    const error = this.#error
    return {
      state: this.#state,
      since: this.#since,
      totalEvents,
      totalBytes,
      skippedEvents,
      retries,
      ...(error && { error }),
    }
  }

  /** Enters a state; says so once, and remembers the error that led there. */
  enter(state: LaneState, error?: EdsError): void {
    if (error)
      this.#error = {
        code: error.code,
        message: error.fix ? `${error.message} (${error.fix})` : error.message,
        at: this.#now(),
      }
    if (state === this.#state) return
    const previous = this.#state
    this.#state = state
    this.#since = this.#now()
    this.#report(state, previous, error)
    this.#metrics.onState?.(this.#sink, state, error)
  }

  #report(state: LaneState, previous: LaneState, error: EdsError | undefined): void {
    const fields = { sink: this.#sink, ...(error && { code: error.code, reason: this.#error?.message }) }
    if (state === 'stopped' && error) this.#logger.error(fields, `${this.#sink} stopped: ${this.#error?.message}`)
    else if (state === 'retrying')
      this.#logger.warn(fields, `${this.#sink} is failing, trying again until it works: ${this.#error?.message}`)
    else if (previous === 'retrying' && state !== 'stopped') this.#logger.info(fields, `${this.#sink} works again`)
    else this.#logger.debug(fields, `${this.#sink} is ${state}`)
  }

  /** Nothing is failing any more: the lane is running again, or held by request. */
  recovered(): void {
    if (this.#state === 'retrying') this.enter(this.paused ? 'paused' : 'running')
  }

  /** One attempt failed and another will follow. */
  retry(error: EdsError): void {
    this.retries++
    this.enter('retrying', error)
    this.#metrics.onRetry?.(this.#sink, error)
  }

  /** A batch is durable, or done with. */
  batch(facts: { events: number; bytes: number; skipped: number; writeMs: number; processingMs: number }): void {
    this.totalEvents += facts.events
    this.totalBytes += facts.bytes
    this.skippedEvents += facts.skipped
    this.#metrics.onBatch?.(this.#sink, facts)
  }

  deadLetter(reason: string, position: string): void {
    this.#logger.warn(
      { sink: this.#sink, position, reason },
      `${this.#sink}: an event was set aside as dead letter ${position}: ${reason}`,
    )
    this.#metrics.onDeadLetter?.(this.#sink, 1)
  }
}
