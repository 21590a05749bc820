import {
  type ConnectionProbe,
  type Driver,
  type DriverContext,
  EdsError,
  type EventBatch,
  type SchemaSupport,
  type WriteResult,
  withSignals,
} from '@eds/core'
import type { S3Config } from './config.js'
import { abortedError } from './errors.js'
import type { EventWriter } from './event-writer.js'
import { LineFiles } from './line-files.js'
import { ObjectStore } from './object-store.js'
import { ParquetFiles } from './parquet-files.js'
import { Probe } from './probe.js'
import { RowObjects } from './row-objects.js'

/** Writes events to a bucket. */
export class S3Driver implements Driver {
  readonly probe: ConnectionProbe
  readonly schema?: SchemaSupport
  readonly #config: S3Config
  readonly #context: DriverContext
  readonly #writer: EventWriter
  #store: ObjectStore | undefined
  #closing = new AbortController()
  #writing: Promise<unknown> = Promise.resolve()

  constructor(config: S3Config, context: DriverContext) {
    this.#config = config
    this.#context = context
    this.probe = new Probe(config)
    if (config.format === 'parquet') {
      const files = new ParquetFiles(config)
      this.schema = files
      this.#writer = files
    } else {
      this.#writer = config.format === 'json' ? new RowObjects(config) : new LineFiles(config)
    }
  }

  async connect(signal: AbortSignal): Promise<void> {
    await this.close()
    if (signal.aborted) throw abortedError()
    const store = await ObjectStore.open(this.#config)
    try {
      await store.check(signal)
    } catch (error) {
      store.close()
      throw error
    }
    this.#closing = new AbortController()
    this.#store = store
  }

  async write(batch: EventBatch, signal: AbortSignal): Promise<WriteResult> {
    const store = this.#store
    if (store === undefined) throw new EdsError('connection', 'S3: not connected')
    const writing = withSignals([signal, this.#closing.signal], (either) => this.#writer.write(store, batch, either))
    this.#writing = writing.catch(() => {})
    const result = await writing
    this.#context.metrics.count('s3_bytes', batch.bytes)
    return result
  }

  /** Nothing is on its way any more when this resolves, so that no late upload overwrites a newer one. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#writing
    this.#store?.close()
    this.#store = undefined
  }
}
