import type { Delivery, SourceReader } from '@eds/core'
import type { Client } from 'pg'
import { destroy } from '../connection/connect.js'
import { toSourceError } from '../errors.js'
import type { CapturedChange } from '../event/captured-change.js'
import { eventBytes } from '../event/event-bytes.js'
import { formatPlace, mvccOf, type Place, parsePlace } from '../position.js'
import type { Settings } from '../settings.js'
import type { CatalogView } from './catalog-view.js'
import type { CursorDesk, CursorRecord, PendingSnapshot } from './cursor-desk.js'
import type { ChangeFeed } from './feed.js'
import { snapshotRows } from './snapshot.js'

export interface ReaderParts {
  readonly settings: Settings
  readonly epoch: string
  readonly work: Client
  readonly deskClient: Client
  readonly desk: CursorDesk
  readonly view: CatalogView
  readonly feed: ChangeFeed
  readonly record: CursorRecord
  /** The last position that is durable. */
  readonly after: Place
  /** A snapshot that the slot exported. */
  readonly exported?: string
  /** Captures tables that came, and tells from which point on. */
  readonly adopt: (tables: readonly number[]) => Promise<bigint>
  readonly closing: AbortController
}

/** Reads one cursor: the rows that are to be read first, then changes, and the rows of tables that come. */
export class DatabaseReader implements SourceReader {
  readonly #parts: ReaderParts
  #pending: PendingSnapshot | undefined
  #tables: readonly number[]
  #after: Place
  #exported: string | undefined
  #refreshedAt: number
  /** The last row that was read from a table, until it is durable: only then may the record name other tables. */
  #unsettled: string | undefined
  #acknowledged: string | undefined
  #flushing: Promise<void> | undefined
  #closed: Promise<void> | undefined

  constructor(parts: ReaderParts) {
    this.#parts = parts
    this.#pending = parts.record.pending
    this.#tables = parts.record.tables
    this.#after = parts.after
    this.#exported = parts.exported
    this.#refreshedAt = parts.settings.clock.now()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly Delivery[]> {
    const { feed, closing, settings } = this.#parts
    try {
      while (!closing.signal.aborted) {
        if (this.#pending && feed.reached(this.#pending.at)) yield* this.#snapshot(this.#pending)
        const changes = await feed.next(this.#pending?.at)
        const deliveries = changes.flatMap(({ at, index, change }) => this.#delivery({ at, index }, change))
        if (deliveries.length > 0) yield deliveries
        await this.#refresh()
      }
    } catch (error) {
      if (!closing.signal.aborted) throw toSourceError(error, settings.endpoint.where)
    }
  }

  async acknowledge(through: Delivery): Promise<void> {
    if (this.#acknowledged === undefined || through.position > this.#acknowledged) this.#acknowledged = through.position
    while (this.#flushing) await this.#flushing
    if (this.#acknowledged === undefined) return
    this.#flushing = this.#flush()
    await this.#flushing
  }

  behind(): number | undefined {
    return this.#parts.feed.behind()
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    const { closing, feed, work, deskClient } = this.#parts
    closing.abort()
    await this.#flushing?.catch(() => {})
    await feed.close().catch(() => {})
    await deskClient.end().catch(() => destroy(deskClient))
    destroy(work)
  }

  /** Recorded first, then released: what the database forgot was recorded as durable before. */
  async #flush(): Promise<void> {
    const { desk, feed, settings } = this.#parts
    const position = this.#acknowledged
    this.#acknowledged = undefined
    try {
      if (position === undefined) return
      await desk.savePosition(position)
      if (this.#unsettled !== undefined && position >= this.#unsettled) this.#unsettled = undefined
      const place = parsePlace(position)
      if (!place.row) await feed.release(place.at, place.index)
    } catch (error) {
      throw toSourceError(error, settings.endpoint.where)
    } finally {
      this.#flushing = undefined
    }
  }

  async *#snapshot(pending: PendingSnapshot): AsyncGenerator<readonly Delivery[]> {
    const { work, view, settings, feed } = this.#parts
    const { row, at } = this.#after
    const request = { client: work, catalog: view.catalog, tables: pending.tables, bufferBytes: settings.bufferBytes }
    const exported = this.#exported
    this.#exported = undefined
    // Rows that moved are not read when reading goes on in the middle, so their changes are needed.
    const from =
      row && at === pending.at
        ? { after: row }
        : { onView: async () => await feed.skipVisible?.(pending.at, pending.tables) }
    const time = settings.clock.now()
    for await (const rows of snapshotRows({ ...request, ...from, ...(exported === undefined ? {} : { exported }) })) {
      const deliveries = rows.map(({ place, shape, tuple }) =>
        this.#event({ at: pending.at, index: 0, row: place }, { operation: 'INSERT', shape, after: tuple, time }),
      )
      this.#unsettled = deliveries.at(-1)?.position
      yield deliveries
    }
    // The record goes on naming it, until something behind it is acknowledged: see `pendingAt`.
    this.#pending = undefined
  }

  #delivery(at: Pick<Place, 'at' | 'index'>, change: CapturedChange): Delivery[] {
    const { row, ...after } = this.#after
    const isDone = at.at < after.at || (at.at === after.at && (row !== undefined || at.index <= after.index))
    return isDone ? [] : [this.#event(at, change)]
  }

  #event(at: Omit<Place, 'epoch'>, change: CapturedChange): Delivery {
    const place: Place = { ...at, epoch: this.#parts.epoch }
    const position = formatPlace(place)
    const frame = { region: this.#parts.settings.region, id: position, mvccTimestamp: mvccOf(place) }
    return { position, bytes: eventBytes(change, frame), time: change.time }
  }

  /** Looks now and then for tables that came. */
  async #refresh(): Promise<void> {
    const { settings, view, desk, adopt } = this.#parts
    const now = settings.clock.now()
    if (this.#pending || this.#unsettled !== undefined || now - this.#refreshedAt < settings.refreshMs) return
    this.#refreshedAt = now
    await view.refresh()
    const come = [...view.catalog.tables.keys()].filter((table) => !this.#tables.includes(table))
    if (come.length === 0) return
    const at = await adopt(come)
    this.#tables = [...this.#tables, ...come]
    this.#pending = { at, tables: come.sort((left, right) => left - right) }
    await desk.savePending(this.#pending, this.#tables)
    const names = come.map((table) => view.catalog.tables.get(table)?.shape.definition.table)
    settings.logger.info({ tables: names }, 'capturing tables that came')
  }
}

/** What is still to be read from tables, for a reader that goes on behind this place. */
export function pendingAt(record: CursorRecord, after: Place): PendingSnapshot | undefined {
  const { pending } = record
  return pending && after.at <= pending.at ? pending : undefined
}
