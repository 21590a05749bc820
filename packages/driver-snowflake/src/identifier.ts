import { EdsError } from '@eds/core'

/** https://docs.snowflake.com/en/sql-reference/identifiers-syntax */
const maxIdentifierCharacters = 255

/**
 * A name of any content as a quoted SQL identifier.
 *
 * @throws EdsError `unsupported` for names that Snowflake cannot hold.
 */
export function quoteIdentifier(name: string, what = 'name'): string {
  checkIdentifier(name, what)
  return `"${name.replaceAll('"', '""')}"`
}

function checkIdentifier(name: string, what: string): void {
  const shown = JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name)
  if (name === '') throw new EdsError('unsupported', `an empty ${what} cannot be used in Snowflake`)
  if (name.includes('\u0000')) {
    throw new EdsError('unsupported', `the ${what} ${shown} holds a NUL, which Snowflake cannot store`)
  }
  if (/\p{Surrogate}/u.test(name)) {
    throw new EdsError('unsupported', `the ${what} ${shown} holds half a surrogate pair, which Snowflake cannot store`)
  }
  const characters = [...name].length
  if (characters > maxIdentifierCharacters) {
    throw new EdsError(
      'unsupported',
      `the ${what} ${shown} has ${characters} characters; Snowflake allows ${maxIdentifierCharacters}`,
      { fix: 'shorten it at the source, or rename it with a stage in front of this sink' },
    )
  }
}

/** A table's name with its database and schema, quoted. */
export function qualify({ database, schemaName }: Place, table: string): string {
  return `${quoteIdentifier(database, 'database name')}.${quoteIdentifier(schemaName, 'schema name')}.${quoteIdentifier(table, 'table name')}`
}

/** Where tables go; names as the server has them. */
export interface Place {
  readonly database: string
  readonly schemaName: string
}
