import { EdsError } from '@eds/core'

/** PostgreSQL silently cuts longer names (NAMEDATALEN), so that two of them could meet in one table or column. */
const maxIdentifierBytes = 63

/**
 * A name of any content as a quoted SQL identifier.
 *
 * @throws EdsError `unsupported` for names that PostgreSQL cannot hold as they are.
 */
export function quoteIdentifier(name: string, what = 'name'): string {
  checkIdentifier(name, what)
  return `"${name.replaceAll('"', '""')}"`
}

function checkIdentifier(name: string, what: string): void {
  const shown = JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name)
  if (name === '') throw new EdsError('unsupported', `an empty ${what} cannot be used in PostgreSQL`)
  if (name.includes('\u0000')) {
    throw new EdsError('unsupported', `the ${what} ${shown} holds a NUL, which PostgreSQL cannot store`)
  }
  if (/\p{Surrogate}/u.test(name)) {
    throw new EdsError('unsupported', `the ${what} ${shown} holds half a surrogate pair, which PostgreSQL cannot store`)
  }
  const bytes = Buffer.byteLength(name)
  if (bytes > maxIdentifierBytes) {
    throw new EdsError(
      'unsupported',
      `the ${what} ${shown} has ${bytes} bytes; PostgreSQL would cut it at ${maxIdentifierBytes}`,
      { fix: 'shorten it at the source, or rename it with a stage in front of this sink' },
    )
  }
}

/** Text as an SQL string literal, for names that stand in catalog queries and tombstones; never for row data. */
export function quoteLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
