import type { ChangeEvent, WriteFailure } from '@eds/core'
import { chainRows, type RowChains, RowEncoder, type TablePlans } from '@eds/sql'
import type { SqlServerTable } from './plan.js'
import { layoutOf, type StageRow } from './stage.js'
import { StageWriter } from './stage-writer.js'
import type { Work } from './work.js'

/** A batch ready to be sent. */
export interface EncodedBatch {
  /** Absent when no event can be applied. */
  readonly work: Work | undefined
  /** Events that cannot be applied, known before anything is sent. */
  readonly failures: readonly WriteFailure[]
  readonly chains: RowChains
}

/**
 * Turns a batch into what is sent to the server: one change per row.
 *
 * @throws EdsError `schema` when a table has to be prepared first; `record` when two keys are one to the server.
 */
export function encodeBatch(events: readonly ChangeEvent[], plans: TablePlans<SqlServerTable>): EncodedBatch {
  const chains = chainRows(events, plans)
  const failures: WriteFailure[] = []
  const encoder = new RowEncoder(events, chains, failures)
  const layout = layoutOf([...chains.lastByTable.keys()])
  const rows: StageRow[] = []
  const statements = [...chains.lastByTable].flatMap(([plan, last]) => {
    const writer = new StageWriter(plan, layout, rows)
    encoder.write(last, plan, writer)
    return writer.statements()
  })
  failures.sort((left, right) => left.index - right.index)
  return { work: rows.length === 0 ? undefined : { layout, rows, statements }, failures, chains }
}
