import { randomUUID } from 'node:crypto'
import {
  createPipeline,
  type Driver,
  EdsError,
  type Logger,
  memoryState,
  type Sink,
  staticRegistry,
  systemClock,
  type TableSchema,
  toEdsError,
} from '@eds/core'
import { feedOf, type ImportPlan, type TableImport } from './import-plan.js'
import { importSource } from './import-source.js'
import { loadTable } from './load-table.js'
import type { TableFailure } from './table-feed.js'
import type { RowReading } from './table-rows.js'

/** How tables are loaded. */
export interface LoadOptions {
  readonly sink: Sink
  readonly mode: 'replace' | 'merge'
  /** Tables at a time, where the destination has a bulk import. */
  readonly parallel: number
  /** Write row by row. */
  readonly single: boolean
  readonly reading: RowReading
  readonly logger: Logger
  /** Rows that were handed over. */
  readonly onRows: (rows: number, table: string) => void
  /** A table is about to be loaded. Awaited. */
  readonly onBegin?: (table: TableImport) => Promise<void>
  /** A table is durable at the destination. Awaited. */
  readonly onTable: (table: TableImport, rows: number) => Promise<void>
}

export interface ImportJob extends LoadOptions {
  readonly plan: Pick<ImportPlan, 'tables'>
  /** By table. */
  readonly schemas: ReadonlyMap<string, TableSchema>
}

export interface FeedJob extends LoadOptions {
  readonly ready: AsyncIterator<TableImport, unknown>
  /** `undefined` for a table that has no rows to make one of. Throws for one that must have a schema. */
  readonly schemaOf: (table: string) => TableSchema | undefined
}

/** Loads every table; one that fails does not stop the others. Resolves to the failures when all are done with. */
export function runImport({ plan, schemas, ...options }: ImportJob): Promise<TableFailure[]> {
  const { ready } = feedOf({ tables: plan.tables, files: [], ignored: [] })
  return loadTables({ ...options, ready, schemaOf: (table) => schemas.get(table) })
}

/**
 * Loads tables as they become ready; one that fails does not stop the others. Resolves to the failures when all are done with, and
 * rejects when no more tables can come, after those that are being loaded.
 */
export async function loadTables(job: FeedJob): Promise<TableFailure[]> {
  const isBulk = !job.single && createDriver(job).importer !== undefined
  const failures: TableFailure[] = []
  const take = async (load: LoadOne): Promise<void> => {
    while (!job.reading.signal.aborted) {
      const { done, value: table } = await job.ready.next()
      if (done) return
      try {
        const schema = job.schemaOf(table.table)
        await job.onBegin?.(table)
        await job.onTable(table, schema ? await load(table, schema) : 0)
      } catch (error) {
        failures.push({ table: table.table, error: toEdsError(error) })
      }
    }
  }
  // Without a bulk import there is one writer: the contract promises nothing about several for one destination.
  const workers = isBulk
    ? Array.from({ length: job.parallel }, () => withDriver(job, take))
    : [take((table, schema) => writeRows(job, table, schema))]
  const ends = await Promise.allSettled(workers)
  for (const end of ends) if (end.status === 'rejected') throw end.reason
  return failures
}

type LoadOne = (table: TableImport, schema: TableSchema) => Promise<number>

/** A worker of a parallel import, with a driver of its own. */
async function withDriver(job: FeedJob, take: (load: LoadOne) => Promise<void>): Promise<void> {
  const { mode, reading, onRows, logger } = job
  const driver = createDriver(job)
  const onRetry = (table: string, { message }: EdsError) =>
    logger.warn({ table }, `loading ${table} failed, trying again: ${message}`)
  const loader = { driver, isConnected: false }
  try {
    await take((table, schema) =>
      loadTable(loader, { table, schema, mode, reading, onRows }, { clock: systemClock, onRetry }),
    )
  } finally {
    await driver.close()
  }
}

/** A driver of its own for what a pipeline does not do: bulk loads, tests, and making tables. */
export function createDriver({ sink, logger }: Pick<LoadOptions, 'sink' | 'logger'>): Driver {
  return sink.definition.create(sink.config, {
    sink: sink.name,
    session: randomUUID(),
    logger,
    clock: systemClock,
    random: Math.random,
    metrics: { count() {} },
    state: memoryState(),
  })
}

/** By way of a pipeline, as events of a stream are written: in batches, with its retries. */
async function writeRows(job: FeedJob, table: TableImport, schema: TableSchema): Promise<number> {
  const { sink, reading, logger, onRows } = job
  let rows = 0
  const pipeline = createPipeline({
    source: importSource(table, schema, reading),
    sinks: [{ ...sink, options: { ...sink.options, ...(job.single && { maxBatchEvents: 1 }) } }],
    registry: staticRegistry([schema]),
    ...(reading.stages && { stages: reading.stages }),
    onError: 'halt',
    start: { at: 'beginning' },
    clock: systemClock,
    logger: { ...logger, error: () => {} },
    metrics: {
      onBatch: (_sink, { events }) => {
        rows += events
        onRows(events, table.table)
      },
    },
  })
  await pipeline.run({ signal: reading.signal })
  if (reading.signal.aborted) throw new EdsError('connection', 'stopped before the table was complete')
  return rows
}
