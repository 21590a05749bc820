import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { EdsError, type TableSchema } from '@eds/core'
import type { TableImport } from '../import-plan.js'
import type { LoadOptions } from '../run-import.js'
import { errorOf, type ThreadOrder, type ThreadReport, type ThreadTask } from './messages.js'

export interface ThreadOptions extends Pick<LoadOptions, 'logger' | 'onRows'> {
  readonly order: ThreadOrder
  readonly onBytes: (bytes: number, table: string) => void
  /** Breaks off what is being loaded. */
  readonly signal: AbortSignal
}

interface RunningLoad {
  readonly table: string
  readonly resolve: (rows: number) => void
  readonly reject: (error: EdsError) => void
}

/** A thread that loads tables, as the thread that has started it sees it. */
export class ImportThread {
  readonly #worker: Worker
  readonly #options: ThreadOptions
  readonly #running = new Map<number, RunningLoad>()
  readonly #abort = () => this.#post({ kind: 'abort' })
  readonly #closed: Promise<void>
  #onClosed: () => void = () => {}
  #failure: unknown
  #lastId = 0
  #hasEnded = false

  constructor(entry: URL, options: ThreadOptions) {
    this.#options = options
    this.#closed = new Promise((resolve) => {
      this.#onClosed = resolve
    })
    // Secrets are in the order: the data of a thread is seen by nobody else, unlike arguments.
    this.#worker = new Worker(entry, { workerData: options.order, name: 'import' })
    this.#worker.on('message', (report: ThreadReport) => this.#take(report))
    this.#worker.on('error', (error) => {
      this.#failure = error
    })
    this.#worker.on('exit', () => this.#end())
    options.signal.addEventListener('abort', this.#abort)
    if (options.signal.aborted) this.#abort()
  }

  /** How many tables it is loading. */
  get loads(): number {
    return this.#running.size
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  load(table: TableImport, schema: TableSchema): Promise<number> {
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#running.set(id, { table: table.table, resolve, reject })
      this.#post({ kind: 'load', id, table, schema })
    })
  }

  /** Lets the drivers close, then ends the thread. */
  async close(): Promise<void> {
    if (this.#hasEnded) return
    const exit = once(this.#worker, 'exit')
    this.#post({ kind: 'close' })
    await this.#closed
    await this.#worker.terminate()
    await exit
  }

  #post(task: ThreadTask): void {
    this.#worker.postMessage(task)
  }

  #take(report: ThreadReport): void {
    const { logger, onRows, onBytes } = this.#options
    if (report.kind === 'progress') {
      if (report.rows > 0) onRows(report.rows, report.table)
      if (report.bytes > 0) onBytes(report.bytes, report.table)
    } else if (report.kind === 'log') logger[report.level](report.fields, report.message)
    else if (report.kind === 'closed') this.#onClosed()
    else this.#settle(report)
  }

  #settle(report: Extract<ThreadReport, { kind: 'loaded' | 'failed' }>): void {
    const load = this.#running.get(report.id)
    this.#running.delete(report.id)
    if (report.kind === 'loaded') load?.resolve(report.rows)
    else load?.reject(errorOf(report.error))
  }

  #end(): void {
    this.#hasEnded = true
    this.#options.signal.removeEventListener('abort', this.#abort)
    this.#onClosed()
    const reason = this.#failure instanceof Error ? `: ${this.#failure.message}` : ''
    for (const { table, reject } of this.#running.values()) {
      const what = `the thread that was loading "${table}" has ended${reason}`
      reject(new EdsError('unknown', what, { table, fix: 'import it again', cause: this.#failure }))
    }
    this.#running.clear()
  }
}
