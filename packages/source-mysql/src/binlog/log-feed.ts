import { type Delivery, EdsError } from '@eds/core'
import { deliveryOf } from '../deliver.js'
import { splitKeyChange } from '../event-text.js'
import { pendingPosition } from '../place.js'
import type { LogDump } from './dump.js'
import { fateOf, HeldTransaction } from './held-transaction.js'
import { demandKnown, eventType, isBegin, type LogEvent, readGtid, readQuery, readRotate } from './log-event.js'
import { fileNumber, type LogPlace, logBase, logMvcc } from './log-place.js'
import { readRows, rowsKind, rowsTableId } from './rows.js'
import type { TableDesk } from './table-desk.js'
import { readTableMap } from './table-map.js'

export interface LogFeedOptions {
  readonly database: string
  readonly region: string
  /** Whether changes of a table of this name are to be delivered. */
  readonly isWanted: (table: string) => boolean
  readonly bufferBytes: number
  /** Whether the log holds all of the transaction that begins at a place. */
  readonly isWhole: (place: LogPlace) => Promise<boolean>
  /** Changes up to here are known already. */
  readonly after: LogPlace
  /** Leave out what was changed before, epoch milliseconds. */
  readonly since?: number
  /** Deliver with positions that say the snapshot is still to come, and end before this place. */
  readonly until?: LogPlace
  readonly warn: (fields: object, message: string) => void
}

const chunkRows = 1_000
const schemaStatement = /^\s*(?:\/\*.*?\*\/\s*)*(?:alter|create|drop|rename|truncate)\b/is
const truncateStatement = /^\s*(?:\/\*.*?\*\/\s*)*truncate\b/is

/** Follows the log: knows the file, the transaction and the tables that the events belong to. */
export class LogFeed {
  readonly #dump: LogDump
  readonly #desk: TableDesk
  readonly #options: LogFeedOptions
  #file: number
  #end = 0
  #transaction: { readonly offset: number; readonly gtid: string }
  #row = 0
  readonly #held: HeldTransaction

  constructor(dump: LogDump, desk: TableDesk, options: LogFeedOptions) {
    this.#dump = dump
    this.#desk = desk
    this.#options = options
    const { file, offset, gtid } = options.after
    this.#file = file
    this.#transaction = { offset, gtid }
    const { bufferBytes, isWhole, warn } = options
    const onCut = (changes: number) => warn({ changes }, 'left out what the server had rolled back when it was killed')
    this.#held = new HeldTransaction({ bufferBytes, isWhole, onCut })
  }

  /** Number of the file that is being read. */
  get file(): number {
    return this.#file
  }

  /** The file ended in the middle of an event: says what that means for the transaction in front of it. */
  cutOff(): void {
    this.#options.warn({ file: this.#file }, 'a file of the binary log was cut off when the server was killed')
    this.#held.end('cut')
  }

  async *chunks(signal: AbortSignal): AsyncGenerator<readonly Delivery[]> {
    let chunk: Delivery[] = []
    let bytes = 0
    for (;;) {
      if (chunk.length > 0 && !this.#dump.hasMore) {
        yield chunk
        chunk = []
        bytes = 0
      }
      const event = this.#isThere() ? undefined : await this.#dump.next(signal)
      if (event === undefined) break
      for (const delivery of await this.#take(event)) {
        chunk.push(delivery)
        bytes += delivery.bytes.length
        if (chunk.length < chunkRows && bytes < this.#options.bufferBytes) continue
        yield chunk
        chunk = []
        bytes = 0
      }
    }
    // Where the reading is to end, nothing is under way.
    if (this.#isThere()) chunk.push(...this.#held.end('whole'))
    if (chunk.length > 0) yield chunk
  }

  /** The changes that are certain since this event. */
  async #take(event: LogEvent): Promise<readonly Delivery[]> {
    const fate = fateOf(event, this.#file)
    const before = fate === undefined ? [] : this.#held.end(fate)
    await this.#follow(event)
    const changes = [...this.#changes(event)]
    if (changes.length === 0) return before
    return this.#held.add(changes, { file: this.#file, ...this.#transaction, row: 0 })
  }

  #isThere(): boolean {
    const { until } = this.#options
    if (until === undefined || this.#end === 0) return false
    return this.#file > until.file || (this.#file === until.file && this.#end >= until.offset)
  }

  async #follow(event: LogEvent): Promise<void> {
    demandKnown(event)
    if (event.type === eventType.rotate) {
      const { file, position } = readRotate(event)
      this.#file = fileNumber(file)
      this.#end = position
      return
    }
    // Events that the server makes up on the way stand nowhere.
    if (event.nextPosition !== 0 && event.type !== eventType.heartbeat) this.#advance(event)
    if (isBegin(event)) return this.#begin(event)
    switch (event.type) {
      case eventType.tableMap:
        return this.#openTable(event)
      case eventType.query:
        return this.#statement(event)
    }
  }

  #advance({ nextPosition }: LogEvent): void {
    // Only the lower half of the place is told.
    const upper = Math.floor(this.#end / 2 ** 32)
    const next = upper * 2 ** 32 + nextPosition
    this.#end = next < this.#end ? next + 2 ** 32 : next
  }

  #begin(event: LogEvent): void {
    const { gtid, isPrepared } = readGtid(event)
    if (isPrepared) {
      throw new EdsError('unsupported', 'the binary log holds an XA transaction, which may still be rolled back', {
        fix: 'use mode "triggers" where XA transactions change captured tables',
      })
    }
    const offset = this.#end - event.size
    const { after } = this.#options
    if (this.#file === after.file && offset === after.offset && after.row > 0 && gtid !== after.gtid) {
      throw new EdsError(
        'gap',
        `the binary log was made anew: at ${offset} of file ${after.file} stands transaction ${gtid}, not ${after.gtid}`,
        {
          fix: 'another server, or RESET MASTER: import again, or forget the cursor and start anew',
        },
      )
    }
    this.#transaction = { offset, gtid }
    this.#row = 0
  }

  async #openTable({ body }: LogEvent): Promise<void> {
    const map = readTableMap(body)
    const { database, isWanted } = this.#options
    if (map.database === database && isWanted(map.table)) await this.#desk.open(map)
  }

  async #statement(event: LogEvent): Promise<void> {
    const { database, text } = readQuery(event)
    if (database !== this.#options.database && !text.includes(this.#options.database)) return
    if (!schemaStatement.test(text)) return
    if (truncateStatement.test(text)) {
      this.#options.warn({ statement: text.slice(0, 200) }, 'a table was truncated: its rows stay at the destinations')
    }
    await this.#desk.refresh()
  }

  *#changes(event: LogEvent): Generator<Delivery> {
    if (rowsKind(event.type) === undefined) return
    const reading = this.#desk.reading(rowsTableId(event.body))
    if (reading === undefined) return
    const { region, after, since, until } = this.#options
    const timestamp = event.time * 1_000
    for (const whole of readRows(event.type, event.body, reading.fields)) {
      for (const change of splitKeyChange(reading.writer, whole)) {
        const place = { file: this.#file, ...this.#transaction, row: ++this.#row }
        if (isKnown(place, after) || (since !== undefined && timestamp < since)) continue
        const base = logBase(place)
        const position = until === undefined ? base : pendingPosition(base)
        yield deliveryOf(reading.writer, change, { position, region, timestamp, mvccTimestamp: logMvcc(place) })
      }
    }
  }
}

function isKnown(place: LogPlace, after: LogPlace): boolean {
  return place.file === after.file && place.offset === after.offset && place.row <= after.row
}
