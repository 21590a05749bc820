import { type ChangeEvent, decodeEvent, type JsonValue, padSequence, stringifyJson, type TableSchema } from '@eds/core'
import { type ShopOptions, shopEvents, shopSchemas } from '@eds/shop'
import type { TestDatabase } from './test-database.js'

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`

/** The shop's tables as a user may have made them, and its workload as statements on them. */
export class ShopTables {
  readonly #database: TestDatabase
  readonly #schemas: ReadonlyMap<string, TableSchema>
  readonly options: ShopOptions

  constructor(database: TestDatabase, options: ShopOptions) {
    this.#database = database
    this.options = options
    this.#schemas = shopSchemas(options).latest
  }

  get names(): string[] {
    return [...this.#schemas.keys()]
  }

  async create(): Promise<void> {
    for (const schema of this.#schemas.values()) {
      const columns = Object.entries(schema.properties).map(([name, { type, format }]) => {
        return `${quote(name)} ${sqlType(type, format)}`
      })
      const keys = schema.primaryKeys.map(quote).join(', ')
      await this.#database.query(`CREATE TABLE ${quote(schema.table)} (${columns.join(', ')}, PRIMARY KEY (${keys}))`)
    }
  }

  /** Applies the workload, one statement per event. */
  async write(onEvent: (index: number) => Promise<void> = async () => {}): Promise<void> {
    for (const event of shopEvents(this.options)) {
      await this.#apply(decodeEvent({ position: padSequence(event.index), bytes: event.bytes, time: event.timestamp }))
      await onEvent(event.index)
    }
  }

  async #apply(event: ChangeEvent): Promise<void> {
    const schema = this.#schemas.get(event.table)
    if (!schema) return
    const table = quote(event.table)
    const { after, before } = event
    const keyRow = before ?? after ?? {}
    const where = schema.primaryKeys.map((key, at) => `${quote(key)} = $${at + 1}`).join(' AND ')
    const keys = schema.primaryKeys.map((key) => sqlValue(keyRow[key]))
    if (!after) {
      await this.#database.query(`DELETE FROM ${table} WHERE ${where}`, keys)
      return
    }
    const names = Object.keys(after).filter((name) => Object.hasOwn(schema.properties, name))
    const columns = names.map(quote)
    const values = names.map((name) => sqlValue(after[name], schema.properties[name]?.type))
    const parameters = names.map((_, at) => `$${at + 1}`)
    const set = columns.map((column) => `${column} = excluded.${column}`)
    await this.#database.query(
      `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${parameters.join(', ')})
       ON CONFLICT (${schema.primaryKeys.map(quote).join(', ')}) DO UPDATE SET ${set.join(', ')}`,
      values,
    )
  }
}

function sqlType(type: string, format: string | undefined): string {
  if (format === 'date-time') return 'timestamptz'
  const types: Record<string, string> = {
    integer: 'int8',
    number: 'float8',
    boolean: 'boolean',
    object: 'jsonb',
    array: 'jsonb',
  }
  return types[type] ?? 'text'
}

function sqlValue(value: JsonValue | undefined, type?: string): unknown {
  if (value === undefined || value === null) return null
  if (type === 'object' || type === 'array') return stringifyJson(value)
  return String(value)
}
