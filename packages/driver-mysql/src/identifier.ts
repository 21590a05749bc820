import { EdsError, type ErrorCode } from '@eds/core'

/** https://dev.mysql.com/doc/refman/8.0/en/identifier-length.html, in characters. */
const maxIdentifierLength = 64

/**
 * A name of any content as a quoted SQL identifier.
 *
 * @throws EdsError `unsupported` for names that MySQL cannot hold as they are.
 */
export function quoteIdentifier(name: string, what = 'name'): string {
  checkIdentifier(name, what, 'unsupported')
  return `\`${name.replaceAll('`', '``')}\``
}

/**
 * Looks at the names of a table before anything is made.
 *
 * @throws EdsError `record`: no event of the table can ever be written.
 */
export function checkNames(table: string, columns: readonly string[]): void {
  checkIdentifier(table, 'table name', 'record', table)
  for (const column of columns) checkIdentifier(column, 'column name', 'record', table)
}

function checkIdentifier(name: string, what: string, code: ErrorCode, table?: string): void {
  const fault = faultOf(name)
  if (fault === undefined) return
  const shown = JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name)
  throw new EdsError(code, `the ${what} ${shown} ${fault}`, {
    ...(table === undefined ? {} : { table }),
    fix: 'change it at the source, or rename it with a stage in front of this sink',
  })
}

function faultOf(name: string): string | undefined {
  if (name === '') return 'is empty'
  if (name.includes('\u0000')) return 'holds a NUL, which MySQL cannot have in names'
  // https://dev.mysql.com/doc/refman/8.0/en/identifiers.html: characters of the basic plane only.
  if (/[\u{10000}-\u{10ffff}]|\p{Surrogate}/u.test(name)) return 'holds a character that MySQL cannot have in names'
  if (name.endsWith(' ')) return 'ends with a blank, which MySQL refuses'
  if (name.length > maxIdentifierLength) return `has ${name.length} characters; MySQL takes ${maxIdentifierLength}`
  return undefined
}

/** Text of our own as an SQL string literal; never for row data. */
export function quoteLiteral(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}
