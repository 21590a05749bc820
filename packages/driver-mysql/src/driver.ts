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
import { TombstoneSweeper, WriteOrder } from '@eds/sql'
import { Applier, type ReadyBatch } from './apply.js'
import type { MysqlConfig } from './config.js'
import { collectRows } from './encode.js'
import { toMysqlError } from './errors.js'
import { BulkLoader } from './import.js'
import { Probe } from './probe.js'
import { Session } from './session.js'
import { Tables } from './tables.js'
import { forgetBefore } from './tombstones.js'
import { holdWriterLock } from './writer-lock.js'

/** Applies batches over one connection: the next is encoded while the server works on the one before. */
export class MysqlDriver implements Driver {
  readonly schema: SchemaSupport
  readonly importer: BulkImporter
  readonly probe: ConnectionProbe
  readonly #config: MysqlConfig
  readonly #context: DriverContext
  readonly #tables: Tables
  readonly #applier: Applier
  readonly #sweeper: TombstoneSweeper | undefined
  readonly #order = new WriteOrder('MySQL')
  #session: Session | undefined

  constructor(config: MysqlConfig, context: DriverContext) {
    this.#config = config
    this.#context = context
    this.#tables = new Tables(() => this.#connected(), config.guard)
    this.#applier = new Applier(config.guard)
    this.#sweeper = config.guard ? new TombstoneSweeper(config.tombstoneDays, context.clock) : undefined
    this.schema = this.#tables
    this.importer = new BulkLoader(config)
    this.probe = new Probe(config)
  }

  async connect(signal: AbortSignal): Promise<void> {
    await this.close()
    const session = await Session.open(this.#config, signal)
    try {
      await holdWriterLock(session, this.#context, signal)
    } catch (error) {
      await session.close()
      throw error
    }
    this.#session = session
  }

  async close(): Promise<void> {
    const session = this.#session
    this.#session = undefined
    await session?.close()
  }

  write(batch: EventBatch, signal: AbortSignal): Promise<WriteResult> {
    return this.#order.run(this.#encode(batch, signal), ({ failures = [] }) => failures.length === 0, signal)
  }

  /** Encodes at once and gives back what is left to do when it is the batch's turn. */
  #encode({ events }: EventBatch, signal: AbortSignal): () => Promise<WriteResult> {
    try {
      const { server } = this.#connected()
      const ready = this.#applier.make(events, collectRows(events, this.#tables.plans), server.maxPacketBytes)
      return () => this.#apply(ready, signal)
    } catch (error) {
      return () => Promise.reject(error)
    }
  }

  async #apply(ready: ReadyBatch, signal: AbortSignal): Promise<WriteResult> {
    const session = this.#connected()
    try {
      await this.#sweeper?.sweep((instant) => forgetBefore(session, instant, signal))
      const failures = await this.#applier.apply(ready, session, signal)
      await session.commit(signal)
      this.#applier.reuse(ready)
      return failures.length === 0 ? written : { failures }
    } catch (error) {
      await session.rollBack()
      throw toMysqlError(error)
    }
  }

  #connected(): Session {
    if (this.#session === undefined) throw new EdsError('connection', 'MySQL: not connected')
    return this.#session
  }
}
