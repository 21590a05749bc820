import type { ChangeEvent, Driver, DriverTraits, EventBatch, TableSchema, WriteFailure, WriteResult } from '@eds/core'
import { demand } from '../conformance/violation.js'
import type { SchemaShelf } from './schema-shelf.js'

/** A batch of these events, with its sizes right. */
export function batchOf(events: readonly ChangeEvent[]): EventBatch {
  const [first, last] = [events[0], events.at(-1)]
  if (first === undefined || last === undefined) throw new TypeError('a batch is never empty')
  const bytes = events.reduce((sum, event) => sum + event.bytes.length, 0)
  return { events, bytes, first: first.position, last: last.position }
}

/** Cuts events into batches that keep to the driver's bounds. */
export function* withinBounds(
  events: readonly ChangeEvent[],
  { maxBatchEvents, maxBatchBytes }: Pick<DriverTraits, 'maxBatchEvents' | 'maxBatchBytes'>,
): Generator<readonly ChangeEvent[]> {
  let batch: ChangeEvent[] = []
  let bytes = 0
  for (const event of events) {
    const full = batch.length === maxBatchEvents || bytes + event.bytes.length > maxBatchBytes
    if (full && batch.length > 0) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(event)
    bytes += event.bytes.length
  }
  if (batch.length > 0) yield batch
}

/** One instance of the driver under test, used as the pipeline uses it: prepared before it writes, one batch at a time. */
export class DriverSession {
  readonly driver: Driver
  readonly #traits: DriverTraits
  readonly #shelf: SchemaShelf
  readonly #prepared = new Set<TableSchema>()

  constructor(driver: Driver, traits: DriverTraits, shelf: SchemaShelf) {
    this.driver = driver
    this.#traits = traits
    this.#shelf = shelf
  }

  connect(signal: AbortSignal = new AbortController().signal): Promise<void> {
    return this.driver.connect(signal)
  }

  close(): Promise<void> {
    return this.driver.close()
  }

  /** Prepares what these events need and was not prepared before. Without `schema` facet: nothing to do. */
  async prepare(events: readonly ChangeEvent[]): Promise<void> {
    const missing = this.#shelf.needed(events).filter((schema) => !this.#prepared.has(schema))
    if (missing.length === 0) return
    await this.driver.schema?.prepare(missing, new AbortController().signal)
    for (const schema of missing) this.#prepared.add(schema)
  }

  /** True when applying the event alone leaves the row as it should be, whatever was missed before. */
  carriesWholeRow(event: ChangeEvent): boolean {
    if (event.operation !== 'UPDATE') return true
    return Object.keys(this.#shelf.of(event).properties).every((name) => event.after?.[name] !== undefined)
  }

  /** Prepares, then writes the events as one batch, whatever its size. */
  async write(
    events: readonly ChangeEvent[],
    signal: AbortSignal = new AbortController().signal,
  ): Promise<WriteResult> {
    await this.prepare(events)
    return this.writePrepared(events, signal)
  }

  /** Writes the events as one batch at once: the driver has been called when this returns. */
  writePrepared(
    events: readonly ChangeEvent[],
    signal: AbortSignal = new AbortController().signal,
  ): Promise<WriteResult> {
    return this.driver.write(batchOf(events), signal)
  }

  /** Writes events of which none may fail: in one batch, or in several where the driver's bounds are lower. */
  async writeAll(events: readonly ChangeEvent[]): Promise<void> {
    for (const batch of withinBounds(events, this.#traits)) {
      const { failures = [] } = await this.write(batch)
      demand(
        failures.length === 0,
        () => `write reported failures for events that it has to take: ${describeFailures(failures)}`,
      )
    }
  }
}

export function describeFailures(failures: readonly WriteFailure[]): string {
  return failures.map(({ index, error }) => `${index} (${error?.code}: ${error?.message})`).join(', ')
}
