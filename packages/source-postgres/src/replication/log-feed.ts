import { withSignals } from '@eds/core'
import { type CapturedChange, splitKeyChange, type Tuple } from '../event/captured-change.js'
import { parseRecord } from '../event/record-text.js'
import type { TableShape } from '../event/table-shape.js'
import type { ChangeFeed, FeedChange } from '../reading/feed.js'
import type { Settings } from '../settings.js'
import type { ShapeAt } from '../triggers/outbox-feed.js'
import { decodeMessage, type LogMessage, type OldTuple } from './log-message.js'
import type { LogStream } from './log-stream.js'
import { ReleaseLedger } from './release-ledger.js'

/** Reads a row as it is now; undefined when it is gone. */
export type ReadRow = (shape: TableShape, tuple: Tuple) => Promise<Tuple | undefined>

export interface LogFeedParts {
  readonly stream: LogStream
  readonly settings: Settings
  readonly shapeAt: ShapeAt
  readonly readRow: ReadRow
  readonly signal: AbortSignal
}

type RowMessage = Exclude<LogMessage, { kind: 'begin' | 'commit' | 'relation' | 'other' }>

interface Transaction {
  readonly at: bigint
  readonly time: number
  /** Twice the number of changes so far: a change can become two events. */
  index: number
  /** Place of the last event that was given; -1 before the first. */
  last: number
}

/** Changes from the server's log. */
export class LogFeed implements ChangeFeed {
  readonly #parts: LogFeedParts
  readonly #ledger = new ReleaseLedger()
  readonly #shapes = new Map<number, TableShape | undefined>()
  readonly #from: bigint
  #isStarted = false
  #transaction: Transaction | undefined
  #reached: bigint

  constructor(parts: LogFeedParts, from: bigint) {
    this.#parts = parts
    this.#from = from
    this.#reached = from
  }

  async next(limit?: bigint): Promise<readonly FeedChange[]> {
    const { stream, settings, signal } = this.#parts
    if (!this.#isStarted) {
      this.#isStarted = true
      await stream.start(this.#from)
    }
    await withSignals([signal], async (rest) => {
      const woken = new AbortController()
      rest.addEventListener('abort', () => woken.abort(), { once: true })
      await stream.wait(settings.clock.sleep(settings.pollMs, woken.signal))
      woken.abort()
    })
    const changes: FeedChange[] = []
    for (let bytes = 0; bytes < settings.bufferBytes; ) {
      const item = stream.peek()
      if (!item) break
      if (item.kind === 'alive') {
        this.#alive(item.end)
        stream.take()
        continue
      }
      const message = decodeMessage(item.payload)
      if (message.kind === 'begin' && limit !== undefined && message.commit > limit) {
        this.#reached = limit
        break
      }
      stream.take()
      bytes += item.payload.length
      changes.push(...(await this.#read(message)))
    }
    stream.release(this.#ledger.end)
    return changes
  }

  reached(at: bigint): boolean {
    return this.#reached >= at
  }

  async release(at: bigint, index: number): Promise<void> {
    this.#ledger.acknowledge(at, index)
    this.#parts.stream.release(this.#ledger.end)
  }

  /** The log does not say how many changes it holds. */
  behind(): undefined {
    return undefined
  }

  close(): Promise<void> {
    return this.#parts.stream.close()
  }

  #alive(end: bigint): void {
    if (this.#transaction) return
    this.#ledger.alive(end)
    if (end > this.#reached) this.#reached = end
  }

  async #read(message: LogMessage): Promise<readonly FeedChange[]> {
    switch (message.kind) {
      case 'begin':
        this.#transaction = { at: message.commit, time: message.time, index: 0, last: -1 }
        this.#ledger.begin()
        return []
      case 'commit':
        this.#commit(message.end)
        return []
      case 'relation':
        this.#shapes.set(message.relation, await this.#parts.shapeAt(message.relation, message.names, message.types))
        return []
      case 'other':
        return []
      default:
        return this.#change(message)
    }
  }

  #commit(end: bigint): void {
    const { at, last } = this.#transaction ?? { at: end, last: -1 }
    this.#ledger.commit({ at, last, end })
    this.#transaction = undefined
    this.#reached = at
  }

  async #change(message: RowMessage): Promise<readonly FeedChange[]> {
    const transaction = this.#transaction
    if (!transaction) return []
    const { at, time, index } = transaction
    transaction.index += 2
    const captured = await this.#captured(message, time)
    if (!captured) return []
    const changes = splitKeyChange(captured).map((change, nth) => ({ at, index: index + nth, change }))
    transaction.last = index + changes.length - 1
    return changes
  }

  async #captured(message: RowMessage, time: number): Promise<CapturedChange | undefined> {
    if (message.kind === 'message') return this.#truncated(message.prefix, message.content, time)
    const shape = this.#shapes.get(message.relation)
    if (!shape) return undefined
    if (message.kind === 'insert') return { operation: 'INSERT', shape, after: message.after, time }
    if (message.kind === 'delete') return { operation: 'DELETE', shape, before: imageOf(shape, message.before), time }
    const before = message.before && imageOf(shape, message.before)
    const after = await this.#fill(shape, message.after, before)
    return { operation: 'UPDATE', shape, after, time, ...(before && { before }) }
  }

  /** Values that the log leaves out did not change: from the row before, else from the row as it is now. */
  async #fill(shape: TableShape, after: Tuple, before: Tuple | undefined): Promise<Tuple> {
    const filled = after.map((value, at) => (value === undefined ? before?.[at] : value))
    if (!filled.includes(undefined)) return filled
    const now = await this.#parts.readRow(shape, filled)
    return now ? filled.map((value, at) => (value === undefined ? now[at] : value)) : filled
  }

  /** A row that a TRUNCATE took away, as EDS's trigger wrote it into the log. */
  async #truncated(prefix: string, content: string, time: number): Promise<CapturedChange | undefined> {
    if (prefix !== 'eds_truncate') return undefined
    const { relation, columns, types, row } = JSON.parse(content) as {
      readonly relation: number
      readonly columns: readonly (string | null)[]
      readonly types: readonly number[]
      readonly row: string
    }
    const shape = await this.#parts.shapeAt(relation, columns, types)
    if (!shape) return undefined
    return { operation: 'DELETE', shape, before: parseRecord(row).filter((_, at) => columns[at] !== null), time }
  }
}

/** What only identifies the row holds nothing of its other columns. */
function imageOf(shape: TableShape, { isWhole, tuple }: OldTuple): Tuple {
  return isWhole ? tuple : tuple.map((value, at) => (shape.keys.includes(at) ? value : undefined))
}
