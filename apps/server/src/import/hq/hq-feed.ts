import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, EdsError, type Logger, toEdsError } from '@eds/core'
import type { ExportStatus, HqApi } from '@eds/hq'
import { type ExportedTable, writeExportRecord } from '../export-record.js'
import { type TableImport, tableImport } from '../import-plan.js'
import type { TableFailure, TableFeed } from '../table-feed.js'
import { Arrivals } from './arrivals.js'
import { downloadFile } from './download-file.js'
import type { ExportJob } from './export-job.js'
import { type FileUrls, filesOf } from './exported-files.js'
import { slots } from './slots.js'

export interface HqFeedParts {
  readonly api: Pick<HqApi, 'download'>
  readonly job: ExportJob
  /** Where the files go; made when it is missing. */
  readonly directory: string
  /** Only these tables; empty: all. */
  readonly only: readonly string[]
  readonly clock: Clock
  readonly logger: Logger
  readonly signal: AbortSignal
}

const maxDownloads = 10

/** The tables of an export: each is ready as soon as its files are on the disk, while others are exported or downloaded. */
export class HqFeed implements TableFeed {
  readonly ready = new Arrivals<TableImport>()
  readonly failures: TableFailure[] = []
  readonly #parts: HqFeedParts
  readonly #slot = slots(maxDownloads)
  readonly #done = new Map<string, ExportedTable>()
  readonly #downloads: Promise<void>[] = []
  #status: ExportStatus
  #files = 0

  /** Resolves when HQ has told which tables there are. */
  static async open(parts: HqFeedParts): Promise<HqFeed> {
    await mkdir(parts.directory, { recursive: true, mode: 0o700 })
    for (;;) {
      const status = await parts.job.status()
      if (status.completed || Object.keys(status.tables).length > 0) return new HqFeed(parts, status)
      parts.logger.info({}, `export ${parts.job.id}: not begun yet`)
      await parts.job.pause()
      if (parts.signal.aborted) throw new EdsError('connection', 'stopped before the export had begun')
    }
  }

  private constructor(parts: HqFeedParts, status: ExportStatus) {
    this.#parts = parts
    this.#status = status
  }

  get tables(): readonly string[] {
    const { only } = this.#parts
    return Object.keys(this.#status.tables)
      .filter((table) => only.length === 0 || only.includes(table))
      .sort()
  }

  readonly totalBytes = 0

  /** Follows the export and downloads. Never rejects: {@link ready} tells how it ended. */
  async follow(): Promise<void> {
    try {
      while (!(await this.#take())) {
        this.#tell()
        await this.#parts.job.pause()
        if (this.#parts.signal.aborted) break
        this.#status = await this.#parts.job.status()
      }
      await Promise.all(this.#downloads)
      this.ready.end()
    } catch (error) {
      await Promise.all(this.#downloads)
      this.ready.end({ error })
    }
  }

  /** Begins with the tables whose export has ended since the last look. Resolves to whether it was the last one. */
  async #take(): Promise<boolean> {
    const { completed, tables } = this.#status
    const fresh = this.tables.filter((table) => !this.#done.has(table))
    const ended = fresh.filter((table) => completed || tables[table]?.status !== 'Pending')
    const urls = new Map(ended.map((table) => [table, this.#endOf(table)]))
    const { job, directory } = this.#parts
    // Before the first file: what is missing is known from then on.
    await writeExportRecord(directory, { jobId: job.id, isComplete: completed, tables: Object.fromEntries(this.#done) })
    for (const [table, files] of urls) if (files) this.#downloads.push(this.#download(table, files))
    if (completed) this.#tell()
    return completed
  }

  /** Notes how the export of a table has ended. Its files, unless it failed. */
  #endOf(table: string): FileUrls | undefined {
    const { status, error = 'without a reason', cursor = '', urls = [] } = this.#status.tables[table] ?? {}
    try {
      if (status === 'Failed') throw new EdsError('unknown', `HQ could not export it: ${error}`)
      if (status !== 'Completed') throw new EdsError('unknown', 'HQ ended the export without it')
      const files = filesOf(table, { urls })
      this.#done.set(table, { files: [...files.keys()].sort(), cursor })
      return files
    } catch (thrown) {
      const failure = toEdsError(thrown)
      this.#done.set(table, { files: [], cursor: '', error: failure.message })
      this.failures.push({ table, error: failure })
      return undefined
    }
  }

  async #download(table: string, urls: FileUrls): Promise<void> {
    const { directory } = this.#parts
    const { cursor = '' } = this.#done.get(table) ?? {}
    const names = [...urls.keys()].sort()
    try {
      await Promise.all(names.map((name) => this.#slot(() => this.#downloadOne(table, name, urls.get(name) ?? ''))))
      const first = this.#files
      this.#files += names.length
      this.ready.add(await tableImport({ table, directory, names, cursor, first }))
    } catch (error) {
      this.failures.push({ table, error: toEdsError(error) })
    }
  }

  async #downloadOne(table: string, name: string, url: string): Promise<void> {
    const { api, clock, logger, signal, directory, job } = this.#parts
    if (signal.aborted) throw new EdsError('connection', `stopped before ${name} was downloaded`)
    const path = join(directory, name)
    // A file has its name when it is whole: it is there since an earlier attempt.
    if (await exists(path)) return
    await downloadFile(url, path, {
      ...{ api, clock, signal },
      freshUrl: async () => {
        const { tables } = await job.status()
        const fresh = filesOf(table, tables[table] ?? { urls: [] }).get(name)
        if (fresh === undefined) throw new EdsError('configuration', `HQ does not offer ${name} any more`)
        return fresh
      },
      onRetry: ({ message }) => logger.warn({ table }, `downloading ${name} failed, trying again: ${message}`),
    })
  }

  #tell(): void {
    const { job, logger } = this.#parts
    logger.info({}, `export ${job.id}: ${this.#done.size} of ${this.tables.length} tables exported`)
  }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
