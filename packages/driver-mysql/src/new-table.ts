import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { columnOrder, EdsError, type TableSchema } from '@eds/core'
import type { RowChunks } from '@eds/sql'
import { createTableStatement, tombstoneTable } from '@eds/sql'
import type { Connection, ResultSetHeader } from 'mysql2'
import { fromCallback } from './connect.js'
import { MysqlDialect } from './dialect.js'
import { rowOf, toMigrationError, toMysqlError } from './errors.js'
import { checkNames, quoteIdentifier } from './identifier.js'
import { ImportLines, loadStatement } from './import-lines.js'
import type { MysqlTable } from './plan.js'
import { RowMerger } from './row-merger.js'
import type { Session } from './session.js'
import { readCatalog, Tables } from './tables.js'
import { forgetTombstones } from './tombstones.js'

/** A table under a name of its own that takes the place of another when it is complete. */
export class NewTable {
  readonly #session: Session
  readonly #schema: TableSchema
  readonly #guard: boolean
  readonly #signal: AbortSignal
  /** Of the table's, so that what a dead process left is cleared away by the next import. */
  readonly #name: string
  readonly #oldName: string

  constructor(session: Session, schema: TableSchema, guard: boolean, signal: AbortSignal) {
    this.#session = session
    this.#schema = schema
    this.#guard = guard
    this.#signal = signal
    const mark = createHash('sha256').update(schema.table).digest('hex').slice(0, 24)
    this.#name = `_eds_new_${mark}`
    this.#oldName = `_eds_old_${mark}`
  }

  async create(): Promise<void> {
    const dialect = new MysqlDialect(this.#session.server.keyCollation)
    checkNames(this.#schema.table, columnOrder(this.#schema))
    try {
      await this.#demandUnreferenced()
      await this.remove(this.#session, this.#signal)
      await this.#session.run('SET SESSION innodb_strict_mode = 0', this.#signal)
      const named = { ...this.#schema, table: this.#name }
      await this.#session.run(createTableStatement([named], dialect, { guard: this.#guard }), this.#signal)
    } catch (error) {
      throw toMigrationError(error)
    }
  }

  /** Foreign keys of other tables would go on pointing to the old one. */
  async #demandUnreferenced(): Promise<void> {
    const { table } = this.#schema
    const rows = await this.#session.query<{ table: string }>(
      'SELECT TABLE_NAME AS `table` FROM information_schema.KEY_COLUMN_USAGE ' +
        'WHERE REFERENCED_TABLE_SCHEMA = DATABASE() AND REFERENCED_TABLE_NAME = ? AND TABLE_NAME <> ? LIMIT 1',
      [table, table],
      this.#signal,
    )
    await this.#session.commit(this.#signal)
    if (rows[0] === undefined) return
    throw new EdsError('unsupported', `table "${table}" cannot be replaced: "${rows[0].table}" refers to it`, {
      table,
      fix: 'drop the foreign key first, or import without replacing the table',
    })
  }

  /** By `LOAD DATA`. Its warnings are errors: what it cannot store it changes or leaves out. */
  async load(chunks: RowChunks): Promise<number> {
    const plan = await this.#plan()
    const lines = new ImportLines(plan, this.#schema.modelVersion)
    const { warnings } = await this.#session.lend(this.#signal, (connection) =>
      sendLines(
        connection,
        loadStatement(plan),
        Readable.from(lines.of(chunks), { objectMode: true, highWaterMark: 4 }),
      ),
    )
    if (warnings > 0) throw await this.#warning()
    await this.#session.commit(this.#signal)
    return lines.count
  }

  /** By INSERT, where `LOAD DATA LOCAL` is forbidden. */
  async insert(chunks: RowChunks): Promise<number> {
    const plans = new Map([[this.#schema.table, await this.#plan()]])
    const count = await new RowMerger(this.#session, plans, this.#signal).merge(chunks)
    await this.#session.commit(this.#signal)
    return count
  }

  async #plan(): Promise<MysqlTable> {
    const catalog = await readCatalog(this.#session, [this.#name], this.#signal)
    const tables = new Tables(() => this.#session, this.#guard)
    return tables.planFor(this.#session, [this.#schema], catalog.get(this.#name))
  }

  async #warning(): Promise<EdsError> {
    const rows = await this.#session.query<{ Code: number; Message: string }>('SHOW WARNINGS LIMIT 1', [], this.#signal)
    const { Code: errno, Message: message } = rows[0] ?? { Code: 1265, Message: 'a value was changed' }
    const error = Object.assign(new Error(message), { errno: Number(errno) })
    const row = rowOf(error)
    const { table } = this.#schema
    const known = toMysqlError(error, { table, ...(row === undefined ? {} : { index: row - 1 }) })
    if (known.code !== 'unknown') return known
    return new EdsError('record', known.message, { table, ...(row === undefined ? {} : { index: row - 1 }) })
  }

  /** In one step: whoever reads sees the old table or the new one. */
  async takePlace(): Promise<void> {
    const { table } = this.#schema
    const [name, target, old] = [this.#name, table, this.#oldName].map((each) => quoteIdentifier(each, 'table name'))
    const catalog = await readCatalog(this.#session, [table, tombstoneTable], this.#signal)
    const moves = [...(catalog.has(table) ? [`${target} TO ${old}`] : []), `${name} TO ${target}`]
    try {
      await this.#session.run(`RENAME TABLE ${moves.join(', ')}`, this.#signal)
      await this.#session.run(`DROP TABLE IF EXISTS ${old}`, this.#signal)
    } catch (error) {
      throw toMigrationError(error)
    }
    if (catalog.has(tombstoneTable)) await forgetTombstones(this.#session, table, this.#signal)
  }

  /** Also the old table, which a process that died left behind after the new one had taken its place. */
  async remove(session: Session, signal: AbortSignal): Promise<void> {
    const names = [this.#name, this.#oldName].map((name) => quoteIdentifier(name))
    await session.run(`DROP TABLE IF EXISTS ${names.join(', ')}`, signal)
  }
}

/** The server asks for the file by its name, and only while this request is open. */
async function sendLines(connection: Connection, sql: string, lines: Readable): Promise<{ readonly warnings: number }> {
  try {
    const request = { sql, infileStreamFactory: () => lines }
    const result = await fromCallback<ResultSetHeader>((done) => connection.query<ResultSetHeader>(request, done))
    return { warnings: result.warningStatus }
  } finally {
    lines.destroy()
  }
}
