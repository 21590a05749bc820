import { type Delivery, EdsError, type OpenRequest, type SourceReader } from '@eds/core'
import { Acknowledger } from '../acknowledger.js'
import { warnOfCascades } from '../cascades.js'
import { demandTables, isWanted, readCatalog } from '../catalog.js'
import type { CapturedTable } from '../column.js'
import { CursorStore, createCursors } from '../cursors.js'
import { Database } from '../database.js'
import { isCutShort } from '../errors.js'
import { needsSnapshot, type Place, pendingPosition, readPlace } from '../place.js'
import { openReader } from '../reader.js'
import type { CaptureRegistry } from '../registry.js'
import type { MysqlSettings } from '../settings.js'
import { LogDump } from './dump.js'
import { isWhole } from './held-transaction.js'
import { LogFeed, type LogFeedOptions } from './log-feed.js'
import { type LogPlace, logBase, readLogBase } from './log-place.js'
import { LogSnapshot } from './log-snapshot.js'
import { fileOf, logEnd, logFault, logFiles } from './server-log.js'
import { TableDesk } from './table-desk.js'

/** Names the binary log among the streams that have cursors. */
export const binlogStream = 'binlog'

/** Opens a reader of the binary log. */
export function openBinlog(
  request: OpenRequest,
  settings: MysqlSettings,
  registry: CaptureRegistry,
): Promise<SourceReader> {
  return openReader(request, settings, async (database) => {
    const opening = new LogOpening(database, request, settings, registry)
    const place = await opening.begin()
    return { feed: (signal) => opening.feed(place, signal), acknowledger: opening.acknowledger() }
  })
}

class LogOpening {
  readonly #database: Database
  readonly #request: OpenRequest
  readonly #settings: MysqlSettings
  readonly #desk: TableDesk
  /** Absent where we may not make its table: then only the pipeline knows the position. */
  #cursors: CursorStore | undefined
  /** Set for a cursor that nobody remembers and that begins at a time. */
  #since: number | undefined
  #tables: ReadonlyMap<string, CapturedTable> = new Map()

  constructor(database: Database, request: OpenRequest, settings: MysqlSettings, registry: CaptureRegistry) {
    this.#database = database
    this.#request = request
    this.#settings = settings
    this.#desk = new TableDesk({
      catalog: () => this.#readTables(),
      learn: (table) => registry.learn(table),
      warn: (fields, message) => settings.logger.warn(fields, message),
    })
  }

  /** Checks the server, and finds out where to begin. */
  async begin(): Promise<Place> {
    const fault = await logFault(this.#database)
    if (fault !== undefined) throw fault
    const catalog = await readCatalog(this.#database, this.#settings)
    demandTables(catalog, this.#settings)
    if (catalog.keyless.length > 0) {
      this.#settings.logger.warn({ tables: catalog.keyless }, 'tables without a primary key are not captured')
    }
    await warnOfCascades(this.#database, this.#settings)
    await this.#desk.refresh()
    await this.#prepareCursors()
    const { cursor, after } = this.#request
    const known = after ?? (await this.#cursors?.read(cursor))
    const position = known ?? (await this.#first())
    const place = readPlace(position)
    fileOf(await logFiles(this.#database), readLogBase(place.base))
    if (known === undefined || after !== undefined) await this.#cursors?.write(cursor, position)
    return place
  }

  acknowledger(): Acknowledger {
    const record = async (position: string) => this.#cursors?.write(this.#request.cursor, position)
    return new Acknowledger(record, this.#settings.clock)
  }

  async *feed(place: Place, signal: AbortSignal): AsyncGenerator<readonly Delivery[]> {
    let after = readLogBase(place.base)
    if (needsSnapshot(place)) {
      const snapshot = await LogSnapshot.begin(this.#settings, [...this.#tables.values()], signal)
      try {
        // What was deleted since the last attempt would stay at the destination for ever if only rows came.
        if (isBefore(after, snapshot.place)) yield* this.#follow(after, signal, snapshot.place)
        yield* snapshot.rows()
        after = snapshot.place
      } finally {
        await snapshot.close()
      }
    }
    yield* this.#follow(after, signal, undefined)
  }

  async *#follow(
    after: LogPlace,
    signal: AbortSignal,
    until: LogPlace | undefined,
  ): AsyncGenerator<readonly Delivery[]> {
    let from: LogPlace | undefined = after
    while (from !== undefined) {
      const dump = await this.#dump(from, signal, this.#settings.serverId)
      const feed: LogFeed = new LogFeed(dump, this.#desk, this.#feedOptions(from, until, signal))
      try {
        yield* feed.chunks(signal)
        return
      } catch (error) {
        from = isCutShort(error) ? await this.#behind(feed.file) : undefined
        if (from === undefined) throw error
        feed.cutOff()
      } finally {
        dump.stop()
      }
    }
  }

  #feedOptions(after: LogPlace, until: LogPlace | undefined, signal: AbortSignal): LogFeedOptions {
    const settings = this.#settings
    return {
      ...{ database: settings.database, region: settings.region, bufferBytes: settings.bufferBytes, after },
      isWanted: (table) => isWanted(table, settings),
      isWhole: (place) => this.#isWhole(place, signal),
      ...(until === undefined ? {} : { until }),
      ...(this.#since === undefined ? {} : { since: this.#since }),
      warn: (fields, message) => settings.logger.warn(fields, message),
    }
  }

  async #dump(after: LogPlace, signal: AbortSignal, serverId = randomId(this.#settings)): Promise<LogDump> {
    const { name: file } = fileOf(await logFiles(this.#database), after)
    const connection = await Database.open(this.#settings, signal)
    const { bufferBytes } = this.#settings
    return LogDump.start(connection, { file, offset: after.offset, serverId, bufferBytes })
  }

  /** The beginning of the file that comes after one; undefined when there is none yet. */
  async #behind(file: number): Promise<LogPlace | undefined> {
    const next = (await logFiles(this.#database)).find(({ number }) => number > file)
    return next && { file: next.number, offset: firstOffset, row: 0, gtid: '' }
  }

  /** Reads to the end of the transaction that begins at a place. Of the file that it writes the server sends whole ones only. */
  async #isWhole(place: LogPlace, signal: AbortSignal): Promise<boolean> {
    if ((await this.#behind(place.file)) === undefined) return true
    const dump = await this.#dump(place, signal)
    try {
      return await isWhole(dump, place, signal)
    } catch (error) {
      if (isCutShort(error)) return false
      throw error
    } finally {
      dump.stop()
    }
  }

  async #readTables(): Promise<ReadonlyMap<string, CapturedTable>> {
    this.#tables = (await readCatalog(this.#database, this.#settings)).tables
    return this.#tables
  }

  async #prepareCursors(): Promise<void> {
    try {
      await this.#database.query(createCursors)
      this.#cursors = new CursorStore(this.#database, binlogStream)
    } catch (error) {
      if (!(error instanceof EdsError) || error.code !== 'authentication') throw error
      this.#settings.logger.warn(
        {},
        'the database does not remember cursors, for we may not make the table eds_cursors',
      )
    }
  }

  /** Where a cursor begins that nobody remembers. */
  async #first(): Promise<string> {
    const { start } = this.#request
    const end = await logEnd(this.#database)
    if (start.at === 'now') return logBase(end)
    if (start.at === 'time') this.#since = start.time
    if (start.at !== 'time' && this.#settings.snapshot) return pendingPosition(logBase(end))
    const [oldest] = await logFiles(this.#database)
    return logBase({ file: oldest?.number ?? end.file, offset: firstOffset, row: 0, gtid: '' })
  }
}

function randomId({ random }: MysqlSettings): number {
  return 2 ** 31 + Math.floor(random() * (2 ** 31 - 1))
}

/** Behind the four bytes that a file of the log begins with. */
const firstOffset = 4

function isBefore(left: LogPlace, right: LogPlace): boolean {
  return left.file < right.file || (left.file === right.file && left.offset < right.offset)
}
