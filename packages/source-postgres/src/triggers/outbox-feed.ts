import type { Client } from 'pg'
import { splitKeyChange } from '../event/captured-change.js'
import type { TableShape } from '../event/table-shape.js'
import type { ChangeFeed, FeedChange } from '../reading/feed.js'
import type { Settings } from '../settings.js'
import { Outbox } from './outbox.js'
import { changeOf, type OutboxRow } from './outbox-row.js'
import { SafeBound } from './safe-bound.js'

/** The shape of a table when a row was written; undefined when the table is gone or not wanted. */
export type ShapeAt = (
  relation: number,
  names: readonly (string | null)[],
  types: readonly number[],
) => Promise<TableShape | undefined>

export interface OutboxFeedParts {
  /** Reads; nothing else uses it while a reader waits for its next chunk. */
  readonly client: Client
  /** Trims. */
  readonly desk: Client
  readonly settings: Settings
  readonly shapeAt: ShapeAt
  readonly signal: AbortSignal
}

const trimEveryMs = 1_000
const shortestWaitMs = 2

/** Changes from the outbox that the triggers fill. */
export class OutboxFeed implements ChangeFeed {
  readonly #parts: OutboxFeedParts
  readonly #outbox: Outbox
  readonly #trimmer: Outbox
  readonly #bound: SafeBound
  #at: bigint
  #wake = new AbortController()
  #waitMs = shortestWaitMs
  #trimmedAt = 0
  #last: bigint
  #visible: ReadonlySet<string> = new Set()

  private constructor(parts: OutboxFeedParts, after: bigint) {
    this.#parts = parts
    this.#at = after
    this.#last = after
    this.#bound = new SafeBound(after)
    this.#outbox = new Outbox(parts.client, parts.settings.schema)
    this.#trimmer = new Outbox(parts.desk, parts.settings.schema)
  }

  static async open(parts: OutboxFeedParts, after: bigint): Promise<OutboxFeed> {
    const feed = new OutboxFeed(parts, after)
    parts.client.on('notification', () => feed.#wake.abort())
    parts.signal.addEventListener('abort', () => feed.#wake.abort(), { once: true })
    await parts.client.query('LISTEN eds_outbox')
    return feed
  }

  async next(limit?: bigint): Promise<readonly FeedChange[]> {
    // Made before looking, so that what is committed while we look is not slept over.
    this.#wake = new AbortController()
    const sight = await this.#outbox.look()
    this.#last = sight.last
    this.#bound.see(sight)
    const { bound } = this.#bound
    const through = limit !== undefined && limit < bound ? limit : bound
    const rows = through > this.#at ? await this.#outbox.rows(this.#at, through, this.#parts.settings.bufferBytes) : []
    const last = rows.at(-1)
    if (last === undefined && through > this.#at) this.#at = through
    if (last === undefined) return this.#rest()
    this.#waitMs = shortestWaitMs
    this.#at = BigInt(last.id)
    const changes: FeedChange[] = []
    for (const row of rows) changes.push(...(await this.#change(row)))
    return changes
  }

  async skipVisible(at: bigint, tables: readonly number[]): Promise<void> {
    this.#visible = new Set(await this.#outbox.idsBehind(at, tables))
  }

  reached(at: bigint): boolean {
    return this.#at >= at
  }

  async release(): Promise<void> {
    const now = this.#parts.settings.clock.now()
    if (now - this.#trimmedAt < trimEveryMs) return
    this.#trimmedAt = now
    await this.#trimmer.trim()
  }

  behind(): number {
    return Number(this.#last - this.#at)
  }

  async close(): Promise<void> {
    await this.#trimmer.trim().catch(() => {})
  }

  /** Until woken, or until it is time to look again; soon while the end of another's transaction is awaited. */
  async #rest(): Promise<readonly FeedChange[]> {
    const { clock, pollMs } = this.#parts.settings
    const isWaiting = this.#bound.isWaiting
    await clock.sleep(isWaiting ? Math.min(this.#waitMs, pollMs) : pollMs, this.#wake.signal)
    this.#waitMs = isWaiting ? Math.min(this.#waitMs * 2, 100) : shortestWaitMs
    return []
  }

  async #change(row: OutboxRow): Promise<FeedChange[]> {
    if (this.#visible.has(row.id)) return []
    const names = JSON.parse(row.columns) as (string | null)[]
    const shape = await this.#parts.shapeAt(Number(row.relation), names, JSON.parse(row.types) as number[])
    if (!shape) return []
    const at = BigInt(row.id)
    return splitKeyChange(changeOf(row, shape, names)).map((change, index) => ({ at, index, change }))
  }
}
