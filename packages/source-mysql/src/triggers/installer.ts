import { EdsError } from '@eds/core'
import { type CapturedTable, type Column, captureTable } from '../column.js'
import type { Database } from '../database.js'
import type { MysqlSettings } from '../settings.js'
import { quoteName } from '../value-sql.js'
import { createTables, schemasTable, stateTable } from './outbox-tables.js'
import { triggerPlans } from './trigger-sql.js'

interface TriggerRow {
  readonly name: string
  readonly table: string
  readonly body: string
}

const outboxColumns = ['after_image', 'before_image', 'changed_at', 'id', 'operation', 'sequence', 'table_name']

/** Puts into the database what capture by triggers needs, and keeps it up to date. Safe to be run by several programs at once. */
export class Installer {
  readonly #database: Database
  readonly #settings: MysqlSettings

  constructor(database: Database, settings: MysqlSettings) {
    this.#database = database
    this.#settings = settings
  }

  /** Makes the tables that are missing. */
  async prepare(): Promise<void> {
    const { outboxTable, clock } = this.#settings
    for (const statement of createTables(outboxTable)) await this.#database.query(statement)
    await this.#demandOutbox()
    const text = `INSERT IGNORE INTO ${stateTable} (stream, created_ms, sequence) VALUES (?, ?, 0)`
    await this.#database.query(text, [outboxTable, clock.now()])
  }

  /** Makes the triggers of these tables that are missing, and drops those of former versions. Resolves to the tables touched. */
  async install(tables: Iterable<CapturedTable>): Promise<CapturedTable[]> {
    const { outboxTable } = this.#settings
    const existing = await this.#triggers()
    const touched: CapturedTable[] = []
    for (const table of tables) {
      const plans = triggerPlans(table, outboxTable)
      const own = existing.filter((trigger) => trigger.table === table.name)
      const missing = plans.filter(({ name }) => !own.some((trigger) => trigger.name === name))
      if (missing.length > 0) {
        touched.push(table)
        await this.#remember(table)
      }
      for (const { sql } of missing) await this.#create(sql)
      const stale = own.filter((trigger) => !plans.some(({ name }) => name === trigger.name))
      for (const { name } of stale) await this.#database.query(`DROP TRIGGER IF EXISTS ${quoteName(name)}`)
    }
    return touched
  }

  /** The version of a table that rows in the outbox were written by. */
  async version(table: string, modelVersion: string): Promise<CapturedTable | undefined> {
    const text = `SELECT definition FROM ${schemasTable} WHERE table_name = ? AND model_version = ?`
    const [row] = await this.#database.query<{ definition: string }>(text, [table, modelVersion])
    if (row === undefined) return undefined
    // Written by `#remember`.
    const { columns, primaryKeys } = JSON.parse(row.definition) as { columns: Column[]; primaryKeys: string[] }
    return captureTable(table, columns, primaryKeys)
  }

  async #remember({ name, modelVersion, columns, primaryKeys }: CapturedTable): Promise<void> {
    const text = `INSERT IGNORE INTO ${schemasTable} (table_name, model_version, definition) VALUES (?, ?, ?)`
    await this.#database.query(text, [name, modelVersion, JSON.stringify({ columns, primaryKeys })])
  }

  async #create(sql: string): Promise<void> {
    try {
      await this.#database.query(sql)
    } catch (error) {
      // Another program was quicker (1359), or the table is gone (1146): the next look at the catalog tells.
      const errno =
        error instanceof EdsError && error.cause instanceof Error && 'errno' in error.cause && error.cause.errno
      if (errno !== 1359 && errno !== 1146) throw error
    }
  }

  async #triggers(): Promise<TriggerRow[]> {
    const text = `SELECT TRIGGER_NAME AS name, EVENT_OBJECT_TABLE AS \`table\`, ACTION_STATEMENT AS body
FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = ? AND TRIGGER_NAME LIKE 'eds\\_%'`
    const rows = await this.#database.query<TriggerRow>(text, [this.#settings.database])
    return rows.filter(({ body }) => body.includes(`INTO ${quoteName(this.#settings.outboxTable)} `))
  }

  /** A table of that name may be another program's. */
  async #demandOutbox(): Promise<void> {
    const { database, outboxTable } = this.#settings
    const text = 'SELECT COLUMN_NAME AS name FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?'
    const rows = await this.#database.query<{ name: string }>(text, [database, outboxTable])
    const names = new Set(rows.map(({ name }) => name))
    if (outboxColumns.every((name) => names.has(name))) return
    throw new EdsError('configuration', `table "${outboxTable}" exists and is no outbox of EDS`, {
      fix: 'drop or rename it, or set outboxTable to another name',
    })
  }
}
