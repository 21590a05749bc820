import { type ChangeEvent, EdsError, type TableSchema } from '@eds/core'
import { createTableStatement } from '@eds/sql'
import { SnowflakeDialect } from './dialect.js'
import { qualify } from './identifier.js'
import { writeFiles } from './import-files.js'
import { ImportRows } from './import-rows.js'
import { planSnowflakeTable, type SnowflakeTable } from './plan.js'
import type { Session } from './session.js'
import { readCatalog, runMigration } from './tables.js'
import { forgetTombstones } from './tombstones.js'

/** Longest time that cleaning up may take. */
const cleaningMs = 10_000

export interface Replacement {
  readonly session: Session
  /** A further session, for cleaning up when this one broke. */
  readonly reopen: (signal: AbortSignal) => Promise<Session>
  readonly schema: TableSchema
  readonly chunks: AsyncIterable<readonly ChangeEvent[]>
  readonly guard: boolean
  /** Makes the names of what is made on the way unique. */
  readonly token: string
  readonly signal: AbortSignal
}

/** A new table in place of the old one, which stays as it is until the new one is complete. Returns the number of rows. */
export async function replaceTable(replacement: Replacement): Promise<number> {
  const { session, schema, guard, token, signal } = replacement
  const { server } = session
  const newTable = `_eds_import_${token}`
  const stage = qualify(server, `_eds_files_${token}`)
  const dialect = new SnowflakeDialect(server)
  // Checks the name before anything is made.
  const target = dialect.qualified(schema.table)
  try {
    await runMigration(session, createTableStatement([{ ...schema, table: newTable }], dialect, { guard }), signal)
    await runMigration(session, `CREATE TEMPORARY STAGE ${stage}`, signal)
    const count = await loadFiles(replacement, newTable, stage)
    await checkUnique(session, schema, dialect.qualified(newTable), signal)
    if (guard) await forgetTombstones(session, schema.table, signal)
    await putInPlace(session, schema.table, target, dialect.qualified(newTable), signal)
    return count
  } finally {
    // Also what was in place before, when all went well.
    const leftovers = [`DROP STAGE IF EXISTS ${stage}`, `DROP TABLE IF EXISTS ${dialect.qualified(newTable)}`]
    await cleanUp(replacement, leftovers)
  }
}

/** Never throws: what it cannot remove has a name of its own and is in nobody's way. A signal that has aborted must not stop it. */
async function cleanUp({ session, reopen }: Replacement, statements: readonly string[]): Promise<void> {
  const signal = AbortSignal.timeout(cleaningMs)
  const runAll = async (on: Session) => {
    for (const text of statements) await on.run({ text }, signal)
  }
  try {
    await runAll(session)
  } catch {
    const other = await reopen(signal).catch(() => undefined)
    await (other && runAll(other))?.catch(() => {})
    await other?.close()
  }
}

async function loadFiles(
  { session, schema, chunks, guard, signal }: Replacement,
  newTable: string,
  stage: string,
): Promise<number> {
  const plan = await planOf(session, schema, newTable, guard, signal)
  const rows = new ImportRows(plan, schema.modelVersion)
  const lines = async function* () {
    for await (const chunk of chunks) for (const row of chunk) yield rows.line(row)
  }
  const send = async (path: string) => {
    const options = 'AUTO_COMPRESS = FALSE SOURCE_COMPRESSION = GZIP OVERWRITE = TRUE'
    await session.run({ text: `PUT 'file://${path.replaceAll("'", "\\'")}' @${stage} ${options}` }, signal)
  }
  await writeFiles(lines(), send, signal)
  if (rows.count > 0) await session.run({ text: copyStatement(plan, stage) }, signal, { table: schema.table })
  return rows.count
}

function copyStatement({ target }: SnowflakeTable, stage: string): string {
  return (
    `COPY INTO ${target} FROM @${stage} FILE_FORMAT = (TYPE = JSON COMPRESSION = GZIP) ` +
    'MATCH_BY_COLUMN_NAME = CASE_SENSITIVE ON_ERROR = ABORT_STATEMENT PURGE = TRUE'
  )
}

/** How rows go into the new table; messages name the table that it will be. */
async function planOf(
  session: Session,
  schema: TableSchema,
  newTable: string,
  guard: boolean,
  signal: AbortSignal,
): Promise<SnowflakeTable> {
  const { table } = schema
  const found = (await readCatalog(session, [newTable], signal)).get(newTable)
  if (found === undefined) throw new EdsError('schema', `table "${newTable}" is not there`, { table })
  let ids = 0
  const options = { place: session.server, guard, nextId: () => ++ids }
  return { ...planSnowflakeTable([schema], { ...found, table }, options), target: qualify(session.server, newTable) }
}

/** Snowflake does not enforce primary keys. */
async function checkUnique(
  session: Session,
  { table, primaryKeys }: TableSchema,
  loaded: string,
  signal: AbortSignal,
): Promise<void> {
  const keys = primaryKeys.map((name) => `t."${name.replaceAll('"', '""')}"`).join(', ')
  const count = async (text: string) => Number((await session.run({ text }, signal))[0]?.n)
  const rows = await count(`SELECT COUNT(*) AS "n" FROM ${loaded}`)
  const distinct = await count(`SELECT COUNT(*) AS "n" FROM (SELECT DISTINCT ${keys} FROM ${loaded} AS t) AS d`)
  if (rows === distinct) return
  throw new EdsError('record', `${rows - distinct} rows of the import of "${table}" have a key that another row has`, {
    table,
    fix: 'make a new export, or import with --no-delete, which merges by key',
  })
}

async function putInPlace(
  session: Session,
  table: string,
  target: string,
  loaded: string,
  signal: AbortSignal,
): Promise<void> {
  const isThere = (await readCatalog(session, [table], signal)).has(table)
  await runMigration(session, `ALTER TABLE ${loaded} ${isThere ? 'SWAP WITH' : 'RENAME TO'} ${target}`, signal)
}
