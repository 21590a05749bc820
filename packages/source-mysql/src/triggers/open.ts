import { type Delivery, EdsError, type OpenRequest, type SourceReader } from '@eds/core'
import { Acknowledger } from '../acknowledger.js'
import { warnOfCascades } from '../cascades.js'
import { demandTables, readCatalog } from '../catalog.js'
import type { CapturedTable } from '../column.js'
import { CursorStore } from '../cursors.js'
import type { Database } from '../database.js'
import { needsSnapshot, type Place, pendingPosition, readPlace } from '../place.js'
import { openReader } from '../reader.js'
import type { CaptureRegistry } from '../registry.js'
import type { MysqlSettings } from '../settings.js'
import { quoteName } from '../value-sql.js'
import { Installer } from './installer.js'
import { outboxFeed } from './outbox-feed.js'
import { OutboxLog } from './outbox-log.js'
import { outboxBase, readOutboxBase } from './outbox-place.js'
import { OutboxSnapshot } from './outbox-snapshot.js'
import { type OutboxState, Sequencer } from './sequencer.js'
import { Trimmer } from './trimmer.js'

/** Opens a reader of the outbox, which it installs first where it is missing. */
export function openTriggers(
  request: OpenRequest,
  settings: MysqlSettings,
  registry: CaptureRegistry,
): Promise<SourceReader> {
  return openReader(request, settings, async (database) => {
    const opening = new OutboxOpening(database, request, settings, registry)
    const place = await opening.begin()
    return { feed: (signal) => opening.feed(place, signal), acknowledger: opening.acknowledger() }
  })
}

class OutboxOpening {
  readonly #database: Database
  readonly #request: OpenRequest
  readonly #settings: MysqlSettings
  readonly #registry: CaptureRegistry
  readonly #installer: Installer
  readonly #sequencer: Sequencer
  readonly #cursors: CursorStore
  #tables: ReadonlyMap<string, CapturedTable> = new Map()
  #keyless = ''

  constructor(database: Database, request: OpenRequest, settings: MysqlSettings, registry: CaptureRegistry) {
    this.#database = database
    this.#request = request
    this.#settings = settings
    this.#registry = registry
    this.#installer = new Installer(database, settings)
    this.#sequencer = new Sequencer(database, settings.outboxTable)
    this.#cursors = new CursorStore(database, settings.outboxTable)
  }

  /** Installs, and finds out where to begin. */
  async begin(): Promise<Place> {
    await this.#installer.prepare()
    await this.#install(true)
    await warnOfCascades(this.#database, this.#settings)
    const { cursor, after } = this.#request
    const known = after ?? (await this.#cursors.read(cursor))
    const position = known ?? (await this.#first())
    const place = readPlace(position)
    await this.#demandHeld(place)
    // From now on the outbox is kept for this cursor.
    if (known === undefined || after !== undefined) await this.#cursors.write(cursor, position)
    return place
  }

  acknowledger(): Acknowledger {
    const trimmer = new Trimmer(this.#database, this.#cursors, this.#settings)
    return new Acknowledger(async (position) => {
      await this.#cursors.write(this.#request.cursor, position)
      await trimmer.trim()
    }, this.#settings.clock)
  }

  async *feed(place: Place, signal: AbortSignal): AsyncGenerator<readonly Delivery[]> {
    const settings = this.#settings
    let { created, sequence } = readOutboxBase(place.base)
    const log = new OutboxLog(this.#database, {
      ...{ outbox: settings.outboxTable, region: settings.region, bufferBytes: settings.bufferBytes, created },
      tables: settings.tables && new Set(settings.tables),
      version: (table, version) => this.#version(table, version),
    })
    if (needsSnapshot(place)) {
      const snapshot = await OutboxSnapshot.begin(this.#sequencer, settings, [...this.#tables.values()], signal)
      try {
        while (sequence < snapshot.sequence) {
          const chunk = await log.next(sequence, true)
          if (chunk === undefined) break
          sequence = chunk.last
          if (chunk.deliveries.length > 0) yield chunk.deliveries
        }
        yield* snapshot.rows(created)
        sequence = snapshot.sequence
      } finally {
        await snapshot.close()
      }
    }
    const watch = () => this.#install(false)
    yield* outboxFeed({ log, sequencer: this.#sequencer, settings, watch }, sequence, signal)
  }

  async #install(isFirst: boolean): Promise<void> {
    const catalog = await readCatalog(this.#database, this.#settings)
    if (isFirst) demandTables(catalog, this.#settings)
    const keyless = catalog.keyless.join(', ')
    if (keyless !== '' && keyless !== this.#keyless) {
      this.#settings.logger.warn({ tables: catalog.keyless }, 'tables without a primary key are not captured')
    }
    this.#keyless = keyless
    this.#tables = catalog.tables
    for (const table of catalog.tables.values()) this.#registry.learn(table)
    const touched = await this.#installer.install(catalog.tables.values())
    if (touched.length > 0) {
      this.#settings.logger.info({ tables: touched.map(({ name }) => name) }, 'triggers made')
    }
  }

  async #version(table: string, modelVersion: string): Promise<CapturedTable | undefined> {
    const now = this.#tables.get(table)
    if (now?.modelVersion === modelVersion) return now
    const then = await this.#installer.version(table, modelVersion)
    if (then !== undefined) this.#registry.learn(then)
    return then
  }

  /** Where a cursor begins that nobody remembers. */
  async #first(): Promise<string> {
    const { start } = this.#request
    while (await this.#sequencer.advance());
    const state = await this.#sequencer.state()
    if (start.at === 'now') return outboxBase(state)
    const table = quoteName(this.#settings.outboxTable)
    if (start.at === 'time') {
      const text = `SELECT MIN(sequence) AS first FROM ${table} WHERE sequence IS NOT NULL AND changed_at >= ?`
      return this.#before(state, text, [start.time])
    }
    if (this.#settings.snapshot) return pendingPosition(outboxBase(state))
    return this.#before(state, `SELECT MIN(sequence) AS first FROM ${table} WHERE sequence IS NOT NULL`, [])
  }

  async #before(state: OutboxState, text: string, values: readonly number[]): Promise<string> {
    const [row] = await this.#database.query<{ first: string | null }>(text, values)
    const first = row?.first ?? null
    return outboxBase({ ...state, sequence: first === null ? state.sequence : Number(first) - 1 })
  }

  /** @throws EdsError `gap` when the outbox cannot go on behind this place. */
  async #demandHeld({ base }: Place): Promise<void> {
    const { created, sequence } = readOutboxBase(base)
    const state = await this.#sequencer.state()
    const { outboxTable } = this.#settings
    if (state.created !== created) {
      throw gap(
        `the outbox "${outboxTable}" was made anew on ${date(state.created)}; the position is of one made on ${date(created)}`,
      )
    }
    if (sequence > state.sequence) {
      throw gap(`the position is change ${sequence}, and the outbox "${outboxTable}" has had only ${state.sequence}`)
    }
    if (sequence === state.sequence) return
    const text = `SELECT MIN(sequence) AS first FROM ${quoteName(outboxTable)} WHERE sequence > ?`
    const [row] = await this.#database.query<{ first: string | null }>(text, [sequence])
    if (Number(row?.first ?? 0) === sequence + 1) return
    throw gap(
      `the outbox "${outboxTable}" no longer holds change ${sequence + 1}; the oldest behind it is ${row?.first ?? 'gone too'}`,
    )
  }
}

function gap(message: string): EdsError {
  return new EdsError('gap', message, { fix: 'import again, or forget the position of the sink and start anew' })
}

function date(created: number): string {
  return new Date(created).toISOString()
}
