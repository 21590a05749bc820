import { EdsError } from '@eds/core'

/** https://learn.microsoft.com/sql/relational-databases/databases/database-identifiers: 128 characters of UTF-16. */
const maxIdentifierLength = 128

/**
 * A name of any content as a bracketed SQL identifier.
 *
 * @throws EdsError `unsupported` for names that SQL Server cannot hold as they are.
 */
export function quoteIdentifier(name: string, what = 'name'): string {
  checkIdentifier(name, what)
  return `[${name.replaceAll(']', ']]')}]`
}

function checkIdentifier(name: string, what: string): void {
  const shown = JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name)
  const fix = 'rename it at the source, or with a stage in front of this sink'
  if (name === '') throw new EdsError('unsupported', `an empty ${what} cannot be used in SQL Server`)
  if (/[\0\uffff]|\p{Surrogate}/u.test(name)) {
    throw new EdsError('unsupported', `the ${what} ${shown} holds a NUL, U+FFFF or half a surrogate pair`, { fix })
  }
  if (name.endsWith(' ')) {
    throw new EdsError(
      'unsupported',
      `the ${what} ${shown} ends in a blank, which SQL Server does not tell from none`,
      {
        fix,
      },
    )
  }
  if (name.length > maxIdentifierLength) {
    throw new EdsError(
      'unsupported',
      `the ${what} ${shown} has ${name.length} characters; SQL Server takes ${maxIdentifierLength}`,
      { fix },
    )
  }
}

/** Text as an SQL string literal, for names that stand in catalog queries and tombstones; never for row data. */
export function quoteLiteral(text: string): string {
  return `N'${text.replaceAll("'", "''")}'`
}
