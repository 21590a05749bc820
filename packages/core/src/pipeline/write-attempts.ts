import { type Driver, type EventBatch, type WriteFailure, type WriteResult, written } from '../driver.js'
import { EdsError, toEdsError } from '../errors.js'
import type { ChangeEvent } from '../event.js'
import type { Retrier } from './retrier.js'
import type { SchemaDesk } from './schema-desk.js'

/** What a `write` that was already made came to. */
export type WriteOutcome = { readonly result: WriteResult } | { readonly error: unknown }

/** How an attempt ended that retrying alone cannot better. */
export type Verdict =
  | { readonly kind: 'written' }
  | { readonly kind: 'failures'; readonly failures: readonly WriteFailure[] }
  | { readonly kind: 'poison'; readonly error: EdsError }
  | { readonly kind: 'again' }

const maxSchemaAttempts = 3

export interface WriteAttemptsOptions {
  readonly driver: Driver
  readonly retrier: Retrier
  readonly unknownAttempts: number
  readonly schemas: SchemaDesk | undefined
  /** Aborts writes that are open. */
  readonly signal: AbortSignal
}

/** Writes one batch as often as it is worth trying, and says what came of it. */
export class WriteAttempts {
  readonly #options: WriteAttemptsOptions
  #schemaAttempts = 0

  constructor(options: WriteAttemptsOptions) {
    this.#options = options
  }

  /** Something was written or set aside: the next batch has all its attempts before it. */
  succeeded(): void {
    this.#schemaAttempts = 0
  }

  /** One batch until it is written or retrying cannot help. */
  async run(batch: EventBatch, unknownAttempts: number): Promise<Verdict> {
    const { driver, retrier, signal } = this.#options
    let unknownErrors = 0
    for (let attempt = 1; ; attempt++) {
      retrier.throwIfStopped()
      try {
        const result = (await driver.write(batch, signal)) ?? written
        retrier.succeeded()
        return await this.judge({ result }, batch.events, attempt)
      } catch (thrown) {
        const error = toEdsError(thrown)
        if (error.code === 'unknown') unknownErrors++
        const verdict = await this.judge({ error }, batch.events, attempt, unknownAttempts - unknownErrors)
        if (verdict.kind !== 'again' || error.code === 'schema') return verdict
      }
    }
  }

  /**
   * What an outcome means. Waits and reconnects before it says `again`; rejects when the lane must stop. `unknownLeft`: how many more
   * attempts an unknown error is worth.
   */
  async judge(
    outcome: WriteOutcome,
    events: readonly ChangeEvent[],
    attempt: number,
    unknownLeft = this.#options.unknownAttempts - 1,
  ): Promise<Verdict> {
    if ('result' in outcome) {
      const { failures = [] } = outcome.result
      return failures.length === 0
        ? { kind: 'written' }
        : { kind: 'failures', failures: checked(failures, events.length) }
    }
    const error = toEdsError(outcome.error)
    const { retrier } = this.#options
    retrier.throwIfStopped()
    if (error.code === 'record') return { kind: 'poison', error }
    if (error.code === 'schema') return this.#learn(error, events)
    if (!error.retryable) throw error
    if (error.code === 'unknown' && unknownLeft <= 0) return { kind: 'poison', error }
    await retrier.wait(error, attempt)
    await retrier.reconnect()
    return { kind: 'again' }
  }

  async #learn(error: EdsError, events: readonly ChangeEvent[]): Promise<Verdict> {
    const { schemas, retrier, signal } = this.#options
    if (!schemas || ++this.#schemaAttempts > maxSchemaAttempts) return { kind: 'poison', error }
    const culprit = error.index === undefined ? undefined : events[error.index]
    await retrier.untilDone(() => schemas.refresh(events, culprit, signal), { reconnects: true })
    return { kind: 'again' }
  }
}

/** A driver that names an event which is not there has lost count: nothing that it says can be relied on. */
function checked(failures: readonly WriteFailure[], count: number): readonly WriteFailure[] {
  const stray = failures.find(({ index }) => !Number.isInteger(index) || index < 0 || index >= count)
  if (stray)
    throw new EdsError(
      'unsupported',
      `the driver reported event ${stray.index} of a batch of ${count} as failed: it is faulty`,
    )
  return failures.map(({ index, error }) => ({ index, error: toEdsError(error) }))
}
