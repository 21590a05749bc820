import type { OpenRequest, SchemaRegistry, SourceReader } from '@eds/core'
import { cursorStatuses, removeCapture } from './administration.js'
import { openBinlog } from './binlog/open.js'
import type { CursorStatus, MysqlSource, Removal } from './capture-source.js'
import { readCatalog } from './catalog.js'
import { chooseMode } from './choose-mode.js'
import { lockCursor } from './cursor-lock.js'
import { cursorNames, forgetCursor } from './cursors.js'
import { Database } from './database.js'
import { toSourceError } from './errors.js'
import { CaptureRegistry } from './registry.js'
import type { MysqlSettings } from './settings.js'
import { openTriggers } from './triggers/open.js'

/** How long the server may take to see that a reader is gone. */
const leavingMs = 1_000

/** A database as a source. Each reader has connections of its own. */
export class DatabaseSource implements MysqlSource {
  readonly description: string
  readonly #settings: MysqlSettings
  readonly #registry: CaptureRegistry
  readonly #readers = new Set<SourceReader>()

  constructor(settings: MysqlSettings) {
    this.#settings = settings
    this.description = `${settings.where} by ${settings.mode}`
    this.#registry = new CaptureRegistry((signal) =>
      this.#with(signal, async (database) => (await readCatalog(database, settings)).tables),
    )
  }

  get registry(): SchemaRegistry {
    return this.#registry
  }

  async open(request: OpenRequest): Promise<SourceReader> {
    const mode = await chooseMode(this.#settings, request)
    const open = mode === 'binlog' ? openBinlog : openTriggers
    const reader = await open(request, this.#settings, this.#registry)
    this.#readers.add(reader)
    return reader
  }

  /** Rejects (`connection`) while a reader, of any process, has the cursor. */
  async forget(cursor: string): Promise<void> {
    await this.#once(async (database) => {
      await lockCursor(database, cursor, this.#settings, Math.min(this.#settings.takeoverMs, leavingMs))
      await forgetCursor(database, cursor)
    })
  }

  cursors(): Promise<readonly CursorStatus[]> {
    return this.#once((database) => cursorStatuses(database, this.#settings.database))
  }

  remove(): Promise<Removal> {
    return this.#once(async (database) => {
      for (const cursor of await cursorNames(database))
        await lockCursor(database, cursor, this.#settings, this.#settings.takeoverMs)
      return removeCapture(database, this.#settings.database)
    })
  }

  async close(): Promise<void> {
    const readers = [...this.#readers]
    this.#readers.clear()
    await Promise.all(readers.map((reader) => reader.close()))
  }

  #once<T>(task: (database: Database) => Promise<T>): Promise<T> {
    return this.#with(new AbortController().signal, task)
  }

  async #with<T>(signal: AbortSignal, task: (database: Database) => Promise<T>): Promise<T> {
    const database = await Database.open(this.#settings, signal)
    try {
      return await task(database)
    } catch (error) {
      throw toSourceError(error, 'reading the catalog')
    } finally {
      await database.close()
    }
  }
}
