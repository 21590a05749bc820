import { readLogBase } from './binlog/log-place.js'
import { binlogStream } from './binlog/open.js'
import { logFiles } from './binlog/server-log.js'
import type { CursorStatus, Removal } from './capture-source.js'
import { cursorsTable } from './cursors.js'
import type { Database } from './database.js'
import { readPlace } from './place.js'
import { readOutboxBase } from './triggers/outbox-place.js'
import { schemasTable, stateTable } from './triggers/outbox-tables.js'
import { quoteName } from './value-sql.js'

const triggerNames = /^eds_[iud]_.*_[0-9a-f]{16}$/

/** Removes what EDS has put into a database; what is not there is left out of the result. */
export async function removeCapture(database: Database, name: string): Promise<Removal> {
  const present = await tableNames(database, name)
  const outboxes = present.has(stateTable) ? await outboxNames(database) : []
  const text = 'SELECT TRIGGER_NAME AS name FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = ?'
  const rows = await database.query<{ name: string }>(text, [name])
  const triggers = rows.map((row) => row.name).filter((trigger) => triggerNames.test(trigger))
  // The triggers first: without their outbox they would make every change of the tables fail.
  for (const trigger of triggers) await database.query(`DROP TRIGGER IF EXISTS ${quoteName(trigger)}`)
  const tables = [...outboxes, cursorsTable, schemasTable, stateTable].filter((table) => present.has(table))
  for (const table of tables) await database.query(`DROP TABLE IF EXISTS ${quoteName(table)}`)
  return { triggers, tables }
}

/** Every cursor of the database. */
export async function cursorStatuses(database: Database, name: string): Promise<CursorStatus[]> {
  if (!(await tableNames(database, name)).has(cursorsTable)) return []
  const text = `SELECT stream, name, position FROM ${cursorsTable} ORDER BY stream, name`
  const rows = await database.query<{ stream: string; name: string; position: string }>(text)
  const statuses: CursorStatus[] = []
  for (const { stream, name: cursor, position } of rows) {
    const { base } = readPlace(position)
    const isLog = stream === binlogStream
    const behind = isLog ? await bytesBehind(database, base) : await changesBehind(database, stream, base)
    statuses.push({ cursor, mode: isLog ? 'binlog' : 'triggers', position, behind })
  }
  return statuses
}

async function bytesBehind(database: Database, base: string): Promise<number> {
  const { file, offset } = readLogBase(base)
  const later = (await logFiles(database)).filter(({ number }) => number >= file)
  return later.reduce((sum, { size }) => sum + size, 0) - offset
}

async function changesBehind(database: Database, outbox: string, base: string): Promise<number> {
  const text = `SELECT COUNT(*) AS count FROM ${quoteName(outbox)} WHERE sequence > ? OR sequence IS NULL`
  const [row] = await database.query<{ count: string }>(text, [readOutboxBase(base).sequence])
  return Number(row?.count ?? 0)
}

async function outboxNames(database: Database): Promise<string[]> {
  const rows = await database.query<{ stream: string }>(`SELECT stream FROM ${stateTable}`)
  return rows.map(({ stream }) => stream)
}

async function tableNames(database: Database, name: string): Promise<Set<string>> {
  const text = 'SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?'
  const rows = await database.query<{ name: string }>(text, [name])
  return new Set(rows.map((row) => row.name))
}
