import {
  type ChangeEvent,
  EdsError,
  type EventBatch,
  isEdsError,
  type SchemaChange,
  type SchemaSupport,
  type TableSchema,
  type WriteResult,
  written,
} from '@eds/core'
import type { S3Config } from './config.js'
import { type FilePlan, planFiles } from './encode.js'
import type { EventWriter } from './event-writer.js'
import type { ObjectStore } from './object-store.js'
import { parquetFile } from './parquet-file.js'
import { type ParquetRow, parquetRow, type RowFormat, rowFormat, unknownProperty } from './parquet-row.js'
import { runLimited } from './run-limited.js'
import { upload } from './upload.js'

type Rows = Map<ChangeEvent, ParquetRow>

/** `format=parquet`: columns typed by the schema. A file holds changes of one table in one version of its schema. */
export class ParquetFiles implements EventWriter, SchemaSupport {
  readonly #config: S3Config
  readonly #formats = new Map<string, RowFormat>()

  constructor(config: S3Config) {
    this.#config = config
  }

  /** A bucket has no tables: only remembers the schemas. */
  async prepare(schemas: readonly TableSchema[]): Promise<SchemaChange[]> {
    for (const schema of schemas) this.#formats.set(formatKey(schema), rowFormat(schema))
    return []
  }

  async write(store: ObjectStore, { events, first, last }: EventBatch, signal: AbortSignal): Promise<WriteResult> {
    for (const [index, event] of events.entries()) this.#demandSchema(event, index)
    const rows: Rows = new Map()
    const check = (event: ChangeEvent) => this.#addRow(rows, event)
    const { prefix, uploadTasks } = this.#config
    const plan = planFiles(events, { prefix, ending: '.parquet', first, last, byVersion: true, check })
    const library = await import('hyparquet-writer')
    await runLimited(plan.files, uploadTasks, async (file) => {
      const bytes = parquetFile(library, this.#formatOf(file.events[0]), rowsOf(file, rows))
      await upload(store, { key: file.key, contentType: 'application/vnd.apache.parquet' }, [bytes], signal)
    })
    return plan.failures.length === 0 ? written : { failures: plan.failures }
  }

  #addRow(rows: Rows, event: ChangeEvent): EdsError | undefined {
    try {
      rows.set(event, parquetRow(this.#formatOf(event), event))
      return undefined
    } catch (error) {
      if (isEdsError(error)) return error
      throw error
    }
  }

  #demandSchema(event: ChangeEvent, index: number): void {
    const property = unknownProperty(this.#formatOf(event, index), event)
    if (property === undefined) return
    const message = `S3: the schema of "${event.table}" does not know the property "${property}" yet`
    throw new EdsError('schema', message, { table: event.table, index })
  }

  #formatOf(event: ChangeEvent | undefined, index?: number): RowFormat {
    const format = event && this.#formats.get(formatKey(event))
    if (format !== undefined) return format
    const { table = '', modelVersion = '' } = event ?? {}
    const message = `S3: no schema was prepared for "${table}" in version "${modelVersion}"`
    throw new EdsError('schema', message, { table, ...(index === undefined ? {} : { index }) })
  }
}

function formatKey({ table, modelVersion }: Pick<TableSchema, 'table' | 'modelVersion'>): string {
  return `${table}\u0000${modelVersion}`
}

function rowsOf({ events }: FilePlan, rows: Rows): ParquetRow[] {
  return events.map((event) => rows.get(event) ?? [])
}
