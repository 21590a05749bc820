import { quoteLiteral } from './identifier.js'
import type { StageLayout, StageRow } from './stage.js'

/** One SQL statement of a batch, and the table that it is about. */
export interface Statement {
  readonly table: string
  /** Without line breaks, so that the line of an error tells the statement. */
  readonly text: string
}

/** What is sent for a batch: rows for the stage, then statements in one transaction. Rows answered: indexes of events without a row. */
export interface Work {
  readonly layout: StageLayout
  readonly rows: readonly StageRow[]
  readonly statements: readonly Statement[]
}

/** In a transaction of its own, under this lock of the sink's, or within one that is open already. */
export type Framing = { readonly writerLock: string } | 'within'

/** The batch as one text. Each statement has a line of its own. */
export function batchText({ statements }: Work, framing: Framing): string {
  return [...headOf(framing), ...statements.map(({ text }) => text), ...tailOf(framing)].join('\n')
}

function headOf(framing: Framing): string[] {
  if (framing === 'within') return []
  return ['BEGIN TRANSACTION', lockStatement(framing.writerLock)]
}

/** The stage is emptied behind the commit: cheap, and the next batch finds it so. */
function tailOf(framing: Framing): string[] {
  return framing === 'within' ? [clearStage] : ['COMMIT TRANSACTION', clearStage]
}

export const clearStage = 'TRUNCATE TABLE #eds_stage'

/** Waits as long as the batch may take. */
function lockStatement(lock: string): string {
  return `EXEC sp_getapplock @Resource = ${quoteLiteral(lock)}, @LockMode = N'Exclusive', @LockOwner = N'Transaction', @LockTimeout = -1`
}

/** The statement at a line of {@link batchText}, from 1. */
export function statementAt({ statements }: Work, line: number | undefined, framing: Framing): Statement | undefined {
  return line === undefined ? undefined : statements[line - 1 - headOf(framing).length]
}
