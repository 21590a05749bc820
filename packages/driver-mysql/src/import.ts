import { type BulkImporter, type BulkLoadRequest, type BulkLoadResult, EdsError } from '@eds/core'
import { readableRows } from '@eds/sql'
import type { MysqlConfig } from './config.js'
import { toMysqlError } from './errors.js'
import { NewTable } from './new-table.js'
import { RowMerger } from './row-merger.js'
import { Session } from './session.js'
import { Tables } from './tables.js'

/** Loads whole tables, each over a connection of its own, so that several may be loaded at once. */
export class BulkLoader implements BulkImporter {
  readonly #config: MysqlConfig

  constructor(config: MysqlConfig) {
    this.#config = config
  }

  async load(request: BulkLoadRequest, signal: AbortSignal): Promise<BulkLoadResult> {
    const session = await Session.open(this.#config, signal, { readsFiles: this.#config.localInfile })
    try {
      const rows =
        request.mode === 'merge' ? this.#merge(session, request, signal) : this.#replace(session, request, signal)
      return { rows: await rows }
    } catch (error) {
      await session.rollBack()
      throw toMysqlError(error)
    } finally {
      await session.close()
    }
  }

  /** Rows by primary key into what is there, all or none. */
  async #merge(session: Session, { schema, rows }: BulkLoadRequest, signal: AbortSignal): Promise<number> {
    const tables = new Tables(() => session, this.#config.guard)
    await tables.prepare([schema], signal)
    const count = await new RowMerger(session, tables.plans, signal).merge(readableRows(rows))
    await session.commit(signal)
    return count
  }

  /** A new table in place of the old one, which nobody misses before the new one is complete. */
  async #replace(session: Session, { schema, rows }: BulkLoadRequest, signal: AbortSignal): Promise<number> {
    const table = new NewTable(session, schema, this.#config.guard, signal)
    try {
      await table.create()
      const loads = this.#config.localInfile && session.server.localInfile
      const count = await (loads ? table.load(readableRows(rows)) : table.insert(readableRows(rows)))
      await table.takePlace()
      return count
    } catch (error) {
      await this.#clearAway(session, table)
      throw error
    }
  }

  /** What failed leaves nothing behind, if the server can still be reached; otherwise the next import clears it away. */
  async #clearAway(session: Session, table: NewTable): Promise<void> {
    const patience = AbortSignal.timeout(this.#config.connectTimeoutMs)
    let own: Session | undefined
    try {
      await session.rollBack()
      own = session.usable ? undefined : await Session.open(this.#config, patience)
      await table.remove(own ?? session, patience)
    } catch (error) {
      if (!(error instanceof EdsError)) throw error
    } finally {
      await own?.close()
    }
  }
}
