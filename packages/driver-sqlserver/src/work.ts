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

/** The transaction as one text. Each statement has a line of its own. */
export function batchText({ statements }: Work, { transaction }: { readonly transaction: boolean }): string {
  const lines = statements.map(({ text }) => text)
  return (
    transaction ? ['BEGIN TRANSACTION', ...lines, 'COMMIT TRANSACTION', clearStage] : [...lines, clearStage]
  ).join('\n')
}

/** Behind the commit: cheap, and the next batch finds the stage empty. */
export const clearStage = 'TRUNCATE TABLE #eds_stage'

/** The statement at a line of {@link batchText}, from 1. */
export function statementAt(
  { statements }: Work,
  line: number | undefined,
  { transaction }: { readonly transaction: boolean },
): Statement | undefined {
  return line === undefined ? undefined : statements[line - (transaction ? 2 : 1)]
}
