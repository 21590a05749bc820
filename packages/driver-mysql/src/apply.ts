import type { ChangeEvent, WriteFailure } from '@eds/core'
import { missingRows } from '@eds/sql'
import { type BoundStatement, type CollectedBatch, StatementBinder } from './encode.js'
import type { MysqlTable } from './plan.js'
import type { SentRow } from './row-collector.js'
import type { Session } from './session.js'
import { findStatement } from './statements.js'
import { bury, withoutBuried } from './tombstones.js'

/** Larger buffers than this are not kept for the next batch. */
const maxKeptBytes = 16 * 1024 * 1024

/** A batch that is ready to be applied. */
export interface ReadyBatch {
  readonly events: readonly ChangeEvent[]
  readonly collected: CollectedBatch
  /** Absent with a guard, where the database is asked first which rows to leave out. */
  readonly bound: ReturnType<StatementBinder['finish']> | undefined
}

/** Applies batches within the session's transaction, which it leaves open. */
export class Applier {
  readonly #guard: boolean
  readonly #buffers: Buffer[] = []

  constructor(guard: boolean) {
    this.#guard = guard
  }

  /** Does what can be done before it is the batch's turn. @throws EdsError `record` for a row that is too large. */
  make(events: readonly ChangeEvent[], collected: CollectedBatch, maxPacketBytes: number): ReadyBatch {
    if (this.#guard) return { events, collected, bound: undefined }
    const binder = new StatementBinder(this.#buffers.pop() ?? Buffer.alloc(0), maxPacketBytes)
    for (const table of collected.tables) binder.add(table)
    return { events, collected, bound: binder.finish() }
  }

  /** Resolves to the events that could not be applied. Rejects with what the server or the connection says. */
  async apply(ready: ReadyBatch, session: Session, signal: AbortSignal): Promise<readonly WriteFailure[]> {
    const { events, collected } = ready
    const { failures, chains } = collected
    const { statements } = ready.bound ?? (await this.#bindGuarded(collected, session, signal))
    if (statements.length === 0) return failures
    const found = await session.send(statements, signal)
    const missing = await this.#missing(statements, found, collected, session, signal)
    if (missing.length === 0) return failures
    return [...failures, ...missingRows(events, chains, missing)].sort((left, right) => left.index - right.index)
  }

  /** When the batch has been committed: nothing holds on to its buffer any more. */
  reuse({ bound }: ReadyBatch): void {
    if (bound !== undefined && bound.buffer.length <= maxKeptBytes) this.#buffers.push(bound.buffer)
  }

  async #bindGuarded({ tables }: CollectedBatch, session: Session, signal: AbortSignal) {
    const binder = new StatementBinder(Buffer.alloc(0), session.server.maxPacketBytes)
    for (const table of tables) {
      await bury(table, session, signal)
      binder.add(await withoutBuried(table, session, signal))
    }
    return binder.finish()
  }

  /** The last event of each row that was not found. With a guard it may be there and newer. */
  async #missing(
    statements: readonly BoundStatement[],
    found: readonly number[],
    { tables }: CollectedBatch,
    session: Session,
    signal: AbortSignal,
  ): Promise<number[]> {
    const missing: number[] = []
    for (const [place, { mustFind, rows, table }] of statements.entries()) {
      const [row] = rows
      if (!mustFind || found[place] !== 0 || row === undefined) continue
      const plan = tables.find((collector) => collector.plan.table === table)?.plan
      if (this.#guard && plan !== undefined && (await isThere(row, plan, session, signal))) continue
      missing.push(row.index)
    }
    return missing
  }
}

async function isThere({ texts }: SentRow, plan: MysqlTable, session: Session, signal: AbortSignal): Promise<boolean> {
  const { text, parameters } = findStatement(plan)
  const values = parameters.map((parameter) => texts[parameter] ?? null)
  return (await session.query(text, values, signal)).length > 0
}
