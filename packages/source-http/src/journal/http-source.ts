import {
  type Clock,
  memoryState,
  type OpenRequest,
  type Position,
  type Source,
  type StateStore,
  systemClock,
} from '@eds/core'
import { Journal } from './journal.js'
import { JournalReader } from './journal-reader.js'

export interface HttpSourceOptions {
  /**
   * Where events are kept from their publication until every sink has them: a durable store, with a namespace of its own. Without it events
   * live in memory, and are kept only while somebody reads: enough for sinks that start at `now`.
   */
  readonly journal?: StateStore
  /** Refuse events (`throttled`) when so many wait for the slowest sink. Default 100,000. */
  readonly maxBacklogEvents?: number
  /** Acknowledged events that are kept all the same, for a sink that remembers an earlier position. Default 1,000. */
  readonly keepAcknowledged?: number
  readonly clock?: Pick<Clock, 'now'>
}

/** A source that a program feeds: what was published over HTTP. */
export interface HttpSource extends Source {
  /**
   * Appends one event, the UTF-8 JSON text of a change event. Resolves when it is in the journal; with a durable one it survives the
   * death of the process. May be called any number of times at once; events published together share a write.
   *
   * @throws EdsError `throttled` when too many events wait for a sink; the store's own error when it fails. Nothing was stored then.
   */
  publish(event: string): Promise<Position>
  /** Events that the slowest sink has not acknowledged. */
  readonly backlog: number
}

/** Makes the source; nothing is read or written before it is opened or published to. */
export function httpSource(options: HttpSourceOptions = {}): HttpSource {
  const isDurable = options.journal !== undefined
  const journal = new Journal({
    state: options.journal ?? memoryState(),
    clock: options.clock ?? systemClock,
    maxBacklogEvents: options.maxBacklogEvents ?? 100_000,
    keepAcknowledged: options.keepAcknowledged ?? 1_000,
    waitsForCursor: isDurable,
  })
  return {
    description: `events published over HTTP, ${isDurable ? 'journaled' : 'in memory'}`,
    get backlog() {
      return journal.backlog
    },
    publish: (event) => journal.append(event),
    async open(request) {
      request.signal.throwIfAborted()
      await journal.load()
      const from = await firstSequence(journal, request)
      // From now on the cursor holds on to what it has not acknowledged.
      await journal.moveCursor(request.cursor, from - 1)
      return new JournalReader(journal, request.cursor, from, request.signal)
    },
    async forget(cursor) {
      await journal.load()
      await journal.forget(cursor)
    },
    async close() {},
  }
}

/** Where reading begins. Throws `gap` when that is not there any more, or never was. */
async function firstSequence(journal: Journal, { cursor, after, start }: OpenRequest): Promise<number> {
  if (after !== undefined) return journal.sequenceOf(after) + 1
  const { first, last } = journal.bounds
  const remembered = journal.cursor(cursor)
  if (remembered !== undefined) return Math.max(first, remembered + 1)
  if (start.at === 'now') return last + 1
  return start.at === 'time' ? firstAt(journal, start.time) : first
}

/** Times never fall, so the first event at a time or later is found by halving. */
async function firstAt(journal: Journal, time: number): Promise<number> {
  let { first: low, last } = journal.bounds
  let high = last + 1
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if ((await journal.entry(middle)).time < time) low = middle + 1
    else high = middle
  }
  return low
}
