import type { ChangeEvent, WriteFailure } from '@eds/core'
import { chainOf, chainRows, type RowChains, RowEncoder, type TablePlans } from '@eds/sql'
import type { SnowflakeTable } from './plan.js'
import { StageWriter, type TableWork } from './stage-writer.js'

/** A batch ready to be staged. */
export interface EncodedBatch {
  /** Tables with something to do. */
  readonly tables: readonly TableWork[]
  /** Events that cannot be applied, known before anything is sent. */
  readonly failures: readonly WriteFailure[]
  readonly chains: RowChains
}

/**
 * Turns a batch into rows to stage, one per changed row. Rows whose every change is one of `updatedDate` alone are left out.
 *
 * @throws EdsError `schema` when a table has to be prepared first.
 */
export function encodeBatch(events: readonly ChangeEvent[], plans: TablePlans<SnowflakeTable>): EncodedBatch {
  const chains = chainRows(events, plans)
  const failures: WriteFailure[] = []
  const encoder = new RowEncoder(events, chains, failures)
  const tables: TableWork[] = []
  for (const [plan, last] of chains.lastByTable) {
    const writer = new StageWriter(plan)
    const rows = last.filter((index) => !onlyTouches(events, chains, index))
    encoder.write(rows, plan, writer)
    const work = writer.work()
    if (work.rows.length > 0) tables.push(work)
  }
  failures.sort((left, right) => left.index - right.index)
  return { tables, failures, chains }
}

function onlyTouches(events: readonly ChangeEvent[], { previous }: RowChains, last: number): boolean {
  if (!isTouch(events[last])) return false
  return chainOf(previous, last).every((index) => isTouch(events[index]))
}

/** A write costs warehouse time, and this change tells a reader nothing. */
function isTouch(event: ChangeEvent | undefined): boolean {
  return event?.operation === 'UPDATE' && event.diff?.length === 1 && event.diff[0] === 'updatedDate'
}
