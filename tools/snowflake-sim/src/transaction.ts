import type { Table } from './catalog.js'
import type { Row } from './value.js'

/** Uncommitted rows of the tables that a transaction wrote; each such table is locked for other writers. */
export class Transaction {
  readonly explicit: boolean
  private readonly written = new Map<Table, readonly Row[]>()
  private readonly locked = new Set<Table>()

  constructor(explicit: boolean) {
    this.explicit = explicit
  }

  rowsOf(table: Table): readonly Row[] {
    return this.written.get(table) ?? table.rows
  }

  write(table: Table, rows: readonly Row[]): void {
    this.written.set(table, rows)
  }

  /** Waits until no other transaction writes the table; `signal` ends the wait with its reason. */
  async lock(table: Table, signal: AbortSignal): Promise<void> {
    while (table.lockedBy !== undefined && table.lockedBy !== this) {
      signal.throwIfAborted()
      await new Promise<void>((resolve, reject) => {
        table.waiting.push(resolve)
        signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      })
    }
    table.lockedBy = this
    this.locked.add(table)
  }

  commit(): void {
    for (const [table, rows] of this.written) table.rows = rows
    this.release()
  }

  rollback(): void {
    this.release()
  }

  private release(): void {
    this.written.clear()
    for (const table of this.locked) {
      table.lockedBy = undefined
      for (const resume of table.waiting.splice(0)) resume()
    }
    this.locked.clear()
  }
}
