import {
  type BulkImporter,
  type ConnectionProbe,
  type Driver,
  type DriverContext,
  EdsError,
  type EventBatch,
  type SchemaSupport,
  type WriteFailure,
  type WriteResult,
  written,
} from '@eds/core'
import { missingRows, TombstoneSweeper, WriteOrder } from '@eds/sql'
import { awaitWriters, writerLockOf } from './app-lock.js'
import type { SqlServerConfig } from './config.js'
import { type EncodedBatch, encodeBatch } from './encode.js'
import { BulkLoader } from './import.js'
import { Probe } from './probe.js'
import { Session } from './session.js'
import { Tables } from './tables.js'
import { forgetBefore } from './tombstones.js'

/** Applies batches over one connection: the next is encoded while the server works on the one before. */
export class SqlServerDriver implements Driver {
  readonly schema: SchemaSupport
  readonly importer: BulkImporter
  readonly probe: ConnectionProbe
  readonly #config: SqlServerConfig
  readonly #context: DriverContext
  readonly #tables: Tables
  readonly #sweeper: TombstoneSweeper | undefined
  readonly #order = new WriteOrder('SQL Server')
  #session: Session | undefined
  #writerLock = ''

  constructor(config: SqlServerConfig, context: DriverContext) {
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
    const session = await Session.open(this.#config, signal)
    try {
      this.#writerLock = await writerLockOf(this.#context)
      await awaitWriters(session, this.#writerLock, signal)
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
  #encode(batch: EventBatch, signal: AbortSignal): () => Promise<WriteResult> {
    try {
      const encoded = encodeBatch(batch.events, this.#tables.plans)
      return async () => {
        const failures = await this.#apply(batch, encoded, signal)
        return failures.length === 0 ? written : { failures }
      }
    } catch (error) {
      return () => Promise.reject(error)
    }
  }

  async #apply(
    { events }: EventBatch,
    { work, failures, chains }: EncodedBatch,
    signal: AbortSignal,
  ): Promise<readonly WriteFailure[]> {
    if (work === undefined) return failures
    const session = this.#connected()
    await this.#sweeper?.sweep((instant) => forgetBefore(session, instant, signal))
    const missing = await session.apply(work, { writerLock: this.#writerLock }, signal)
    if (missing.length === 0) return failures
    return [...failures, ...missingRows(events, chains, missing)].sort((left, right) => left.index - right.index)
  }

  #connected(): Session {
    if (this.#session === undefined) throw new EdsError('connection', 'SQL Server: not connected')
    return this.#session
  }
}
