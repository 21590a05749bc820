import type { WriteFailure } from '../driver.js'
import { EdsError } from '../errors.js'
import type { ChangeEvent } from '../event.js'
import type { DeadLetterDesk } from './dead-letter-desk.js'
import type { Cut } from './lane-progress.js'
import { batchOf, type PendingBatch, type Rejected } from './pending-batch.js'
import type { OnError } from './types.js'
import { type Verdict, WriteAttempts, type WriteAttemptsOptions, type WriteOutcome } from './write-attempts.js'

type Item = { readonly event: ChangeEvent } | Rejected

/** So many events in a row that fail other than as `record`, with no success between them, are no longer bad luck. */
const maxBlindStreak = 3

export interface CarefulWriterOptions extends WriteAttemptsOptions {
  readonly onError: OnError
  /** Absent: nothing can be set aside, the first poison event stops the lane. */
  readonly desk: DeadLetterDesk | undefined
  readonly onDeadLetter: (error: EdsError, position: string) => void
}

/**
 * The slow way to deliver a batch, taken when anything is out of the ordinary: one write at a time, with retries, migrations,
 * dead letters, and isolation of the event at fault.
 */
export class CarefulWriter {
  readonly #options: CarefulWriterOptions
  readonly #attempts: WriteAttempts
  /** Events set aside in a row for a reason that may lie outside of them. */
  #blindStreak = 0

  constructor(options: CarefulWriterOptions) {
    this.#options = options
    this.#attempts = new WriteAttempts(options)
  }

  /**
   * Resolves when every delivery of the batch is durable at the destination or set aside. Rejects when the lane must stop, or was
   * told to. `outcome` is what a write of exactly this batch's events has come to already.
   */
  async deliver(batch: PendingBatch, outcome?: WriteOutcome): Promise<void> {
    const cut = { first: batch.first.position, last: batch.last.position }
    if (outcome) return this.#judge(batch.events, [], await this.#attempts.judge(outcome, batch.events, 1), cut)
    await this.#prepare(batch.events)
    await this.#deliver(itemsOf(batch), cut)
  }

  /** Writes one event that was set aside before. Returns the error when it still cannot be applied. */
  async redeliver(event: ChangeEvent): Promise<EdsError | undefined> {
    await this.#prepare([event])
    for (;;) {
      const refusal = this.#options.schemas?.refusalOf(event)
      if (refusal) return refusal
      const verdict = await this.#attempts.run(batchOf([event]), 1)
      if (verdict.kind === 'written') return undefined
      if (verdict.kind === 'poison') return verdict.error
      if (verdict.kind === 'failures') return verdict.failures[0]?.error
    }
  }

  async #prepare(events: readonly ChangeEvent[]): Promise<void> {
    const { schemas, retrier, signal } = this.#options
    if (schemas && !events.every((event) => schemas.isReady(event)))
      await retrier.untilDone(() => schemas.prepare(events, signal), { reconnects: true })
  }

  async #deliver(items: readonly Item[], cut?: Cut, unknownAttempts = this.#options.unknownAttempts): Promise<void> {
    const { events, superseding } = await this.#admit(items)
    if (events.length === 0) return
    const verdict = await this.#attempts.run(batchOf(events, cut), unknownAttempts)
    await this.#judge(events, superseding, verdict, cut)
  }

  /** Sets aside what cannot be written, in order, and parks what stands behind it. */
  async #admit(items: readonly Item[]): Promise<{ events: ChangeEvent[]; superseding: ChangeEvent[] }> {
    const { desk, schemas } = this.#options
    const events: ChangeEvent[] = []
    const superseding: ChangeEvent[] = []
    const repaired = new Set<string>()
    for (const item of items) {
      const { event } = item
      const error = 'error' in item ? item.error : event && schemas?.refusalOf(event)
      if (error) {
        const rowKey = await this.#setAside(item, error)
        if (rowKey !== undefined) repaired.delete(rowKey)
      }
      if (error || !event) continue
      const admission = desk?.admit(event, () => schemas?.columnsOf(event.table)) ?? 'write'
      if (admission === 'park' && !repaired.has(event.rowKey)) {
        await desk?.park(event)
        continue
      }
      if (admission === 'supersede') repaired.add(event.rowKey)
      // Also a change behind one that supersedes: it may have been parked in a former run.
      if (admission !== 'write') superseding.push(event)
      events.push(event)
    }
    return { events, superseding }
  }

  /** Resolves to the row that is now behind, when it can be told. */
  async #setAside(item: Item, error: EdsError): Promise<string | undefined> {
    const { desk, onError, onDeadLetter } = this.#options
    const { event } = item
    const position = event?.position ?? ('delivery' in item ? item.delivery.position : '')
    if (!desk || onError === 'halt') {
      const fix = 'repair the destination or the event, or let such events be set aside as dead letters'
      throw new EdsError('record', `stopped in front of event ${position}, which cannot be applied: ${error.message}`, {
        cause: error,
        fix,
      })
    }
    let rowKey = event?.rowKey
    if (event) await desk.setAside(event, error)
    else if ('delivery' in item) rowKey = await desk.setAsideUnreadable(item.delivery, error)
    onDeadLetter(error, position)
    return rowKey
  }

  async #judge(
    events: readonly ChangeEvent[],
    superseding: readonly ChangeEvent[],
    verdict: Verdict,
    cut?: Cut,
  ): Promise<void> {
    switch (verdict.kind) {
      case 'written':
        this.#blindStreak = 0
        this.#attempts.succeeded()
        return this.#options.desk?.supersede(superseding)
      case 'again':
        return this.#deliver(toItems(events), cut)
      case 'failures':
        return this.#setFailuresAside(events, superseding, verdict.failures)
      case 'poison':
        return this.#isolate(events, verdict.error)
    }
  }

  /** The rest is durable. The first failure of each row is set aside; what follows it in the same row is judged anew. */
  async #setFailuresAside(
    events: readonly ChangeEvent[],
    superseding: readonly ChangeEvent[],
    failures: readonly WriteFailure[],
  ): Promise<void> {
    this.#blindStreak = 0
    const failed = new Map(failures.map(({ index, error }) => [events[index], error]))
    await this.#options.desk?.supersede(superseding.filter((event) => !failed.has(event)))
    const rows = new Set<string>()
    const behind: ChangeEvent[] = []
    for (const event of events) {
      const error = failed.get(event)
      if (!error) continue
      if (rows.has(event.rowKey)) behind.push(event)
      else await this.#setAside({ event }, error)
      rows.add(event.rowKey)
    }
    await this.#deliver(toItems(behind))
  }

  /** Finds the event at fault: by its index, or by halving. */
  async #isolate(events: readonly ChangeEvent[], error: EdsError): Promise<void> {
    const [only] = events
    if (events.length === 1 && only) return this.#giveUp(only, error)
    const culprit = error.index === undefined ? undefined : events[error.index]
    if (error.index !== undefined && culprit) {
      await this.#deliver(toItems(events.slice(0, error.index)), undefined, 2)
      await this.#giveUp(culprit, error)
      return this.#deliverInSteps(events.slice(error.index + 1))
    }
    const middle = events.length >> 1
    await this.#deliver(toItems(events.slice(0, middle)), undefined, 2)
    await this.#deliver(toItems(events.slice(middle)), undefined, 2)
  }

  async #giveUp(event: ChangeEvent, error: EdsError): Promise<void> {
    this.#attempts.succeeded()
    if (error.code !== 'record' && ++this.#blindStreak > maxBlindStreak) {
      throw new EdsError(
        'unsupported',
        `${maxBlindStreak} events in a row failed for a reason that is not theirs (${error.code}): ${error.message}`,
        { cause: error },
      )
    }
    await this.#setAside({ event }, error)
  }

  /** Steps that double while nothing fails: one bad event costs few extra writes, and so do thousands. */
  async #deliverInSteps(events: readonly ChangeEvent[]): Promise<void> {
    let size = 1
    for (let from = 0; from < events.length; ) {
      const before = this.#options.desk?.size
      const step = events.slice(from, from + size)
      await this.#deliver(toItems(step), undefined, 2)
      from += step.length
      size = this.#options.desk?.size === before ? size * 2 : 1
    }
  }
}

function toItems(events: readonly ChangeEvent[]): Item[] {
  return events.map((event) => ({ event }))
}

/** Events and rejected deliveries of a batch, in the order in which they were read. */
function itemsOf(batch: PendingBatch): Item[] {
  const items: Item[] = []
  let next = 0
  for (const rejected of batch.rejected) {
    while (next < rejected.at) items.push(...toItems(batch.events.slice(next, ++next)))
    items.push(rejected)
  }
  items.push(...toItems(batch.events.slice(next)))
  return items
}
