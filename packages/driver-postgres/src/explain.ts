import type { EdsError } from '@eds/core'
import { copyLineOf, toPostgresError } from './errors.js'
import { StatementError } from './submission.js'
import type { Work } from './work.js'

/** Adds to an error of the server which table, and where it can be told which event, it is about. */
export function explain(error: unknown, { statements }: Work): EdsError {
  if (!(error instanceof StatementError)) return toPostgresError(error)
  const statement = statements[error.statement]
  const line = copyLineOf(error.cause, 'eds_stage')
  const index = line === undefined ? undefined : statement?.lines?.[line - 1]
  return toPostgresError(error.cause, {
    ...(statement === undefined ? {} : { table: statement.table }),
    ...(index === undefined ? {} : { index }),
  })
}
