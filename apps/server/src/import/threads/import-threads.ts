import { extname } from 'node:path'
import type { TableSchema } from '@eds/core'
import type { TableImport } from '../import-plan.js'
import { ImportThread, type ThreadOptions } from './import-thread-handle.js'

export interface ThreadsOptions extends ThreadOptions {
  /** How many at most, from 1. */
  readonly count: number
  /** The module that a thread runs. */
  readonly entry?: URL
}

/**
 * Threads that load tables side by side: reading, parsing and encoding rows keeps a core busy, so that one thread cannot feed a
 * database that has several. A thread is started when all others are busy; each table goes to the one with the fewest.
 */
export class ImportThreads {
  readonly #options: ThreadsOptions
  readonly #entry: URL
  #threads: ImportThread[] = []

  constructor(options: ThreadsOptions) {
    this.#options = options
    this.#entry = options.entry ?? new URL(`./import-thread${extname(import.meta.url)}`, import.meta.url)
  }

  /** As `loadTable` does. Rejects with `EdsError` naming the table when the thread ends meanwhile. */
  load(table: TableImport, schema: TableSchema): Promise<number> {
    return this.#leastBusy().load(table, schema)
  }

  /** Ends all threads. To be called when no table is being loaded any more. */
  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()))
  }

  #leastBusy(): ImportThread {
    this.#threads = this.#threads.filter(({ hasEnded }) => !hasEnded)
    const [best] = [...this.#threads].sort((one, other) => one.loads - other.loads)
    if (best && (best.loads === 0 || this.#threads.length >= this.#options.count)) return best
    const started = new ImportThread(this.#entry, this.#options)
    this.#threads.push(started)
    return started
  }
}
