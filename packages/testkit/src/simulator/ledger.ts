import type { Position, Row } from '@eds/core'
import type { LedgerEvent } from './workload.js'

/** What was published, and what it has to lead to. Pure. */
export class Ledger {
  readonly events: readonly LedgerEvent[]
  /** Events of each row whose row can be told, oldest first. */
  readonly rows: ReadonlyMap<string, readonly LedgerEvent[]>
  readonly #byPosition: ReadonlyMap<Position, LedgerEvent>

  constructor(events: readonly LedgerEvent[]) {
    this.events = events
    this.#byPosition = new Map(events.map((event) => [event.position, event]))
    const rows = new Map<string, LedgerEvent[]>()
    for (const event of events) {
      if (event.rowKey === undefined) continue
      const row = rows.get(event.rowKey)
      if (row === undefined) rows.set(event.rowKey, [event])
      else row.push(event)
    }
    this.rows = rows
  }

  at(position: Position): LedgerEvent | undefined {
    return this.#byPosition.get(position)
  }

  /** Events of the same row before this one, oldest first. */
  before(event: LedgerEvent): readonly LedgerEvent[] {
    const row = this.rows.get(event.rowKey ?? '') ?? []
    return row.filter(({ sequence }) => sequence < event.sequence)
  }
}

/** The row after one more event. */
export function advanceRow(
  row: Row | undefined,
  { operation, after }: Pick<LedgerEvent, 'operation' | 'after'>,
): Row | undefined {
  return operation === 'DELETE' ? undefined : { ...row, ...after }
}

/** The row that these events of it leave, applied one by one. */
export function foldRow(events: readonly LedgerEvent[]): Row | undefined {
  return events.reduce<Row | undefined>(advanceRow, undefined)
}

/** For comparing and for people. */
export function rowText(row: Row | undefined): string {
  return row === undefined ? 'no row' : JSON.stringify(Object.entries(row).sort())
}
