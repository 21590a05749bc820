import type { EncodedBatch } from './encode.js'
import type { Session } from './session.js'
import type { StagedRow, TableWork } from './stage-writer.js'
import { applyStatements, insertStageStatement, missingStatement } from './statements.js'

/** So many values at a time: the client library's own limit for binds that go with the statement. */
const maxValues = 65_280
/** And so many characters. */
const maxCharacters = 8 * 1024 * 1024

/** What a batch is applied with. */
export interface ApplyOptions {
  /** Tells the rows of this batch from those of others in the stage. */
  readonly batch: number
  readonly tag: string | undefined
  /** Now, RFC 3339 in UTC. */
  readonly now: string
}

interface StagedTable {
  readonly work: TableWork
  readonly stage: string
}

/**
 * Stages the rows of all tables. Nobody else sees them, so this needs no transaction.
 */
export async function stageRows(
  session: Session,
  { tables }: EncodedBatch,
  { batch, tag }: ApplyOptions,
  signal: AbortSignal,
): Promise<StagedTable[]> {
  const tagged = tag === undefined ? {} : { tag }
  const staged: StagedTable[] = []
  for (const work of tables) {
    const { plan, rows } = work
    const stage = await session.stageOf(plan, rows.length, tag, signal)
    const text = insertStageStatement(plan, stage)
    for (const binds of portions(rows, batch))
      await session.run({ text, binds, ...tagged }, signal, { table: plan.table })
    staged.push({ work, stage })
  }
  return staged
}

/** Moves staged rows into their tables, within a transaction. Returns the indexes of events whose row is not there. */
export async function applyRows(
  session: Session,
  staged: readonly StagedTable[],
  { batch, tag, now }: ApplyOptions,
  signal: AbortSignal,
): Promise<number[]> {
  const tagged = tag === undefined ? {} : { tag }
  const missing: number[] = []
  for (const { work, stage } of staged) {
    const { table } = work.plan
    const question = missingStatement(work, stage, batch)
    if (question !== undefined) {
      const rows = await session.run({ ...question, ...tagged }, signal, { table })
      missing.push(...rows.map(({ n }) => Number(n)))
    }
    for (const statement of applyStatements(work, stage, batch, now)) {
      await session.run({ ...statement, ...tagged }, signal, { table })
    }
  }
  return missing
}

/** Rows cut so that each portion goes with one statement. */
function* portions(rows: readonly StagedRow[], batch: number): Generator<StagedRow[]> {
  let portion: StagedRow[] = []
  let values = 0
  let characters = 0
  for (const row of rows) {
    const size = row.reduce<number>((sum, value) => sum + (typeof value === 'string' ? value.length : 8), 0)
    if (portion.length > 0 && (values + row.length + 1 > maxValues || characters + size > maxCharacters)) {
      yield portion
      portion = []
      values = 0
      characters = 0
    }
    portion.push([batch, ...row])
    values += row.length + 1
    characters += size
  }
  if (portion.length > 0) yield portion
}
