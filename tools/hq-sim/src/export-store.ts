import { randomUUID } from 'node:crypto'
import { directoryFiles, type ExportFile, parseExportFileName, rowFiles } from './export-files.js'
import type { ExportSettings } from './export-settings.js'
import type { SchemaShelf } from './schema-shelf.js'

/** A table in the answer about a job. */
export interface TableStatus {
  readonly error: string
  readonly status: 'Pending' | 'Completed' | 'Failed'
  readonly files: readonly ExportFile[]
  /** When the table was exported, nanoseconds since the epoch. */
  readonly cursor: string
}

/** How a job stands. */
export interface JobStatus {
  readonly completed: boolean
  readonly tables: Readonly<Record<string, TableStatus>>
}

interface Content {
  readonly files: readonly ExportFile[]
  readonly settings: ExportSettings
}

interface Job extends Content {
  readonly tables: readonly string[]
  polls: number
}

/** What exports hold, and the jobs that were asked for. */
export class ExportStore {
  readonly #schemas: SchemaShelf
  readonly #jobs = new Map<string, Job>()
  #content: Content = { files: [], settings: {} }

  constructor(schemas: SchemaShelf) {
    this.#schemas = schemas
  }

  async replace(settings: ExportSettings): Promise<void> {
    const stored = settings.directory === undefined ? [] : await directoryFiles(settings.directory)
    const made = rowFiles(settings, (table) => this.#schemas.latest(table)?.modelVersion ?? '0')
    this.#content = { files: [...stored, ...made], settings }
  }

  /** Starts a job of these tables, or of all there are. */
  start(tables: readonly string[] | undefined): string {
    const { files, settings } = this.#content
    const all = [...new Set([...files.map(({ table }) => table), ...Object.keys(settings.failed ?? {})])]
    const id = randomUUID()
    this.#jobs.set(id, { ...this.#content, tables: tables?.length ? [...tables] : all, polls: 0 })
    return id
  }

  /** One poll; undefined for a job that there is not. */
  poll(id: string): (JobStatus & { readonly polls: number }) | undefined {
    const job = this.#jobs.get(id)
    if (job === undefined) return undefined
    job.polls += 1
    const completed = job.polls > (job.settings.pendingPolls ?? 1)
    const tables = job.tables.map((table) => [table, completed ? finished(job, table) : pending] as const)
    return { completed, polls: job.polls, tables: Object.fromEntries(tables) }
  }

  /** Files of these tables, or all, as they are now. */
  files(tables: readonly string[] | undefined): readonly ExportFile[] {
    const { files } = this.#content
    return tables?.length ? files.filter(({ table }) => tables.includes(table)) : files
  }
}

const pending: TableStatus = { error: '', status: 'Pending', files: [], cursor: '' }

function finished({ files, settings }: Job, table: string): TableStatus {
  const error = settings.failed?.[table]
  if (error !== undefined) return { error, status: 'Failed', files: [], cursor: '' }
  const own = files.filter((file) => file.table === table)
  const fallback = BigInt(settings.time ?? 1_719_999_999_000) * 1_000_000n
  const times = own.map(({ name }) => parseExportFileName(name)?.time ?? fallback)
  const cursor = times.reduce((latest, time) => (time > latest ? time : latest), times[0] ?? fallback)
  return { error: '', status: 'Completed', files: own, cursor: String(cursor) }
}
