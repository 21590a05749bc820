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
import type { ImportPlan, TableImport } from './import-plan.js'
import { importSource } from './import-source.js'
import { loadTable } from './load-table.js'
import type { RowReading } from './table-rows.js'

export interface ImportJob {
  readonly plan: ImportPlan
  /** By table. */
  readonly schemas: ReadonlyMap<string, TableSchema>
  readonly sink: Sink
  readonly mode: 'replace' | 'merge'
  /** Tables at a time, where the destination has a bulk import. */
  readonly parallel: number
  /** Write row by row. */
  readonly single: boolean
  readonly reading: RowReading
  readonly logger: Logger
  /** Rows that were handed over. */
  readonly onRows: (rows: number) => void
  /** A table is durable at the destination. Awaited. */
  readonly onTable: (table: TableImport, rows: number) => Promise<void>
}

export interface TableFailure {
  readonly table: string
  readonly error: EdsError
}

/** Loads every table; one that fails does not stop the others. Resolves to the failures when all are done with. */
export async function runImport(job: ImportJob): Promise<TableFailure[]> {
  const queue = [...job.plan.tables]
  const isBulk = !job.single && createDriver(job).importer !== undefined
  const failures: TableFailure[] = []
  const take = async (load: (table: TableImport, schema: TableSchema) => Promise<number>): Promise<void> => {
    for (let table = queue.shift(); table && !job.reading.signal.aborted; table = queue.shift()) {
      const schema = job.schemas.get(table.table)
      try {
        await job.onTable(table, schema ? await load(table, schema) : 0)
      } catch (error) {
        failures.push({ table: table.table, error: toEdsError(error) })
      }
    }
  }
  // Without a bulk import there is one writer: the contract promises nothing about several for one destination.
  if (!isBulk) await take((table, schema) => writeRows(job, table, schema))
  else await Promise.all(Array.from({ length: Math.min(job.parallel, queue.length) }, () => withDriver(job, take)))
  return failures
}

/** A worker of a parallel import, with a driver of its own. */
async function withDriver(
  job: ImportJob,
  take: (load: (table: TableImport, schema: TableSchema) => Promise<number>) => Promise<void>,
): Promise<void> {
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
export function createDriver({ sink, logger }: Pick<ImportJob, 'sink' | 'logger'>): Driver {
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
async function writeRows(job: ImportJob, table: TableImport, schema: TableSchema): Promise<number> {
  const { sink, reading, logger, onRows } = job
  let rows = 0
  const pipeline = createPipeline({
    source: importSource(table, schema, reading),
    sinks: [{ ...sink, options: { ...sink.options, ...(job.single && { maxBatchEvents: 1 }) } }],
    registry: staticRegistry([schema]),
    onError: 'halt',
    start: { at: 'beginning' },
    clock: systemClock,
    logger: { ...logger, error: () => {} },
    metrics: {
      onBatch: (_sink, { events }) => {
        rows += events
        onRows(events)
      },
    },
  })
  await pipeline.run({ signal: reading.signal })
  if (reading.signal.aborted) throw new EdsError('connection', 'stopped before the table was complete')
  return rows
}
