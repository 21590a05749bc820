import type { EdsError } from '@eds/core'
import { lineOf, toSqlServerError } from './errors.js'
import { type Framing, statementAt, type Work } from './work.js'

/** Adds to an error of the server which table it is about, where that can be told. */
export function explain(error: unknown, work: Work, framing: Framing): EdsError {
  const table = statementAt(work, lineOf(error), framing)?.table ?? onlyTable(work)
  return toSqlServerError(error, table === undefined ? {} : { table })
}

function onlyTable({ statements }: Work): string | undefined {
  const tables = new Set(statements.map(({ table }) => table))
  return tables.size === 1 ? [...tables][0] : undefined
}
