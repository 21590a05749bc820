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
import type { PostgresConfig } from './config.js'
import { CopyBuffer } from './copy-buffer.js'
import { type EncodedBatch, encodeBatch } from './encode.js'
import { explain } from './explain.js'
import { BulkLoader } from './import.js'
import { Probe } from './probe.js'
import { Session } from './session.js'
import { Tables } from './tables.js'
import { forgetBefore } from './tombstones.js'
import { holdWriterLock } from './writer-lock.js'

/** Larger buffers than this are not kept for the next batch. */
const maxKeptBytes = 16 * 1024 * 1024

/** Applies batches over one connection: the next is encoded while the server works on the one before. */
export class PostgresDriver implements Driver {
  readonly schema: SchemaSupport
  readonly importer: BulkImporter
  readonly probe: ConnectionProbe
  readonly #config: PostgresConfig
  readonly #context: DriverContext
  readonly #tables: Tables
  readonly #sweeper: TombstoneSweeper | undefined
  readonly #order = new WriteOrder('PostgreSQL')
  readonly #buffers: Buffer[] = []
  #session: Session | undefined

  constructor(config: PostgresConfig, context: DriverContext) {
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
  #encode(batch: EventBatch, signal: AbortSignal): () => Promise<WriteResult> {
    try {
      const { server } = this.#connected()
      const buffer = new CopyBuffer(this.#buffers.pop() ?? Buffer.alloc(0))
      const encoded = encodeBatch(batch.events, this.#tables.plans, {
        copy: server.stage ? buffer : undefined,
        parameterStyle: server.cockroach ? 'values' : 'json',
        begin: server.cockroach,
      })
      return async () => {
        const failures = await this.#apply(batch, encoded, signal)
        // Not after an error: the socket may still hold on to it.
        if (buffer.buffer.length <= maxKeptBytes) this.#buffers.push(buffer.buffer)
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
    try {
      const session = this.#connected()
      await this.#sweeper?.sweep((instant) => forgetBefore(session, instant, signal))
      const { missing } = await session.send(work, signal)
      if (missing.length === 0) return failures
      return [...failures, ...missingRows(events, chains, missing)].sort((left, right) => left.index - right.index)
    } catch (error) {
      throw explain(error, work)
    }
  }

  #connected(): Session {
    if (this.#session === undefined) throw new EdsError('connection', 'PostgreSQL: not connected')
    return this.#session
  }
}
