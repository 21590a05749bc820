import { EdsError, toEdsError } from '@eds/core'
import { quoteIdentifier } from './identifier.js'
import type { PostgresTable } from './plan.js'
import type { Session } from './session.js'

/** A primary key as PostgreSQL writes it: `PRIMARY KEY (id)`. */
export interface TakenKey {
  readonly name: string
  readonly definition: string
}

/**
 * Takes the key off a table that is still empty. To sort all keys when the rows are there costs less than to find a place for each as
 * it comes (measured: a fifth of the server's time; far more once the index does not fit into its memory).
 */
export async function takeKey(
  session: Session,
  { target, table }: PostgresTable,
  signal: AbortSignal,
): Promise<TakenKey> {
  const [key] = await session.query<{ name: string; definition: string }>(
    `SELECT conname AS name, pg_get_constraintdef(oid) AS definition FROM pg_constraint WHERE conrelid = $1::regclass AND contype = 'p'`,
    [target],
    signal,
  )
  if (key === undefined) throw new EdsError('unsupported', `"${table}" was made without a primary key`, { table })
  await session.query(`ALTER TABLE ${target} DROP CONSTRAINT ${quoteIdentifier(key.name)}`, undefined, signal)
  return key
}

/**
 * Puts the key back.
 *
 * @throws EdsError `record` with the index of the first row whose key another row has
 */
export async function restoreKey(
  session: Session,
  plan: PostgresTable,
  { name, definition }: TakenKey,
  signal: AbortSignal,
): Promise<void> {
  const { target, table } = plan
  await session.query('SAVEPOINT loaded', undefined, signal)
  try {
    await session.query(
      `ALTER TABLE ${target} ADD CONSTRAINT ${quoteIdentifier(name)} ${definition}`,
      undefined,
      signal,
    )
  } catch (thrown) {
    const error = toEdsError(thrown)
    if (error.code !== 'record') throw error
    await session.query('ROLLBACK TO SAVEPOINT loaded', undefined, signal)
    const index = await firstRepeated(session, plan, signal)
    if (index === undefined) throw error
    throw new EdsError('record', `a duplicate key: ${error.message}`, { table, index, cause: error })
  }
}

/** Rows that came by one COPY into a new table lie in the order in which they came. */
async function firstRepeated(
  session: Session,
  { target, columns, primaryKeys }: PostgresTable,
  signal: AbortSignal,
): Promise<number | undefined> {
  const keys = columns.slice(0, primaryKeys.length).map(({ quoted }) => quoted)
  const [found] = await session.query<{ row: string }>(
    `SELECT row FROM (SELECT row_number() OVER (ORDER BY ctid) - 1 AS row, row_number() OVER (PARTITION BY ${keys.join(', ')} ORDER BY ctid) AS nth FROM ${target}) AS r WHERE nth > 1 ORDER BY row LIMIT 1`,
    undefined,
    signal,
  )
  return found === undefined ? undefined : Number(found.row)
}
