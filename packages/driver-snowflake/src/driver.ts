import {
  type BulkImporter,
  type ConnectionProbe,
  type Driver,
  type DriverContext,
  EdsError,
  type EventBatch,
  type SchemaSupport,
  type WriteResult,
  written,
} from '@eds/core'
import { missingRows, TombstoneSweeper } from '@eds/sql'
import { type ApplyOptions, applyRows, stageRows } from './apply.js'
import type { SnowflakeConfig } from './config.js'
import { encodeBatch } from './encode.js'
import { BulkLoader } from './import.js'
import { Probe } from './probe.js'
import { Session } from './session.js'
import { Tables } from './tables.js'
import { newToken } from './token.js'
import { forgetBefore } from './tombstones.js'

/** Applies batches over one session, one at a time. */
export class SnowflakeDriver implements Driver {
  readonly schema: SchemaSupport
  readonly importer: BulkImporter
  readonly probe: ConnectionProbe
  readonly #config: SnowflakeConfig
  readonly #context: DriverContext
  readonly #tables: Tables
  readonly #sweeper: TombstoneSweeper | undefined
  #session: Session | undefined
  #sequence = 0

  constructor(config: SnowflakeConfig, context: DriverContext) {
    this.#config = config
    this.#context = context
    this.#tables = new Tables(() => this.#connected(), config.guard)
    this.#sweeper = config.guard ? new TombstoneSweeper(config.tombstoneDays, context.clock) : undefined
    this.schema = this.#tables
    this.importer = new BulkLoader(config)
    this.probe = new Probe(config)
  }

  async connect(signal: AbortSignal): Promise<void> {
    await this.close()
    this.#session = await Session.open(this.#config, newToken(), signal)
  }

  async close(): Promise<void> {
    const session = this.#session
    this.#session = undefined
    await session?.close()
  }

  async write({ events }: EventBatch, signal: AbortSignal): Promise<WriteResult> {
    const session = this.#connected()
    const encoded = encodeBatch(events, this.#tables.plans)
    const { tables, failures, chains } = encoded
    if (tables.length === 0) return failures.length === 0 ? written : { failures }
    const options = this.#nextBatch(events.length)
    await this.#sweeper?.sweep((instant) => forgetBefore(session, instant, signal))
    const staged = await stageRows(session, encoded, options, signal)
    const missing = await session.transaction(options.tag, signal, () => applyRows(session, staged, options, signal))
    const all = [...failures, ...missingRows(events, chains, missing)]
    return all.length === 0 ? written : { failures: all.sort((left, right) => left.index - right.index) }
  }

  #nextBatch(count: number): ApplyOptions {
    const batch = ++this.#sequence
    const tag = `eds-${this.#context.session}/${batch}/${count}`
    return { batch, tag, now: new Date(this.#context.clock.now()).toISOString() }
  }

  #connected(): Session {
    if (this.#session === undefined) throw new EdsError('connection', 'Snowflake: not connected')
    return this.#session
  }
}
