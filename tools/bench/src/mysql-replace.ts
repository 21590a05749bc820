import {
  type ChangeEvent,
  columnOrder,
  type Driver,
  defineDriver,
  type EventBatch,
  type JsonValue,
  primaryKeyOf,
  stringifyJson,
  type TableSchema,
  type WriteResult,
  written,
} from '@eds/core'
import mysql, { type Connection } from 'mysql2/promise'
import { z } from 'zod'
import { allShopSchemas } from './schemas.js'

/**
 * The plain way to apply changes: per batch one transaction, in it one REPLACE or DELETE per event. The tables are there already.
 * Stays as it is, so that figures can be compared over time.
 */
export default defineDriver<{ url: string }>({
  apiVersion: 1,
  name: 'replaces',
  title: 'One REPLACE per event',
  description: 'For comparison only.',
  exampleUrl: 'mysql://localhost/db',
  schemes: ['mysql'],
  config: z.object({ url: z.string() }),
  parse: (url) => ({ url }),
  format: ({ url }) => url,
  traits: () => ({
    maxBatchEvents: 1000,
    maxBatchBytes: 8 * 1024 * 1024,
    maxInFlight: 1,
    lingerMs: 0,
    ordering: 'key',
    redelivery: 'idempotent',
    compaction: false,
    batches: 'free',
    start: 'resume',
  }),
  create: ({ url }) => new ReplaceDriver(url),
})

class ReplaceDriver implements Driver {
  readonly #url: string
  readonly #schemas = new Map(allShopSchemas.map((schema) => [`${schema.table} ${schema.modelVersion}`, schema]))
  #connection: Connection | undefined

  constructor(url: string) {
    this.#url = url
  }

  async connect(): Promise<void> {
    this.#connection = await mysql.createConnection({ uri: this.#url, charset: 'utf8mb4' })
  }

  async write({ events }: EventBatch): Promise<WriteResult> {
    await this.#run('BEGIN')
    for (const event of events) await this.#apply(event)
    await this.#run('COMMIT')
    return written
  }

  async #apply(event: ChangeEvent): Promise<void> {
    const schema = this.#schemas.get(`${event.table} ${event.modelVersion}`)
    if (!schema) throw new Error(`no schema for ${event.table} ${event.modelVersion}`)
    if (event.operation === 'DELETE') await this.#delete(event, schema)
    else await this.#replace(event, schema)
  }

  async #replace({ table, after = {} }: ChangeEvent, schema: TableSchema): Promise<void> {
    const columns = columnOrder(schema).filter((name) => after[name] !== undefined)
    const places = columns.map(() => '?')
    await this.#run(
      `REPLACE INTO ${quote(table)} (${columns.map(quote)}) VALUES (${places})`,
      columns.map((name) => parameter(after[name], schema.properties[name])),
    )
  }

  async #delete(event: ChangeEvent, { primaryKeys }: TableSchema): Promise<void> {
    const conditions = primaryKeys.map((name) => `${quote(name)} = ?`)
    await this.#run(
      `DELETE FROM ${quote(event.table)} WHERE ${conditions.join(' AND ')}`,
      primaryKeyOf(event, primaryKeys).map(String),
    )
  }

  async #run(sql: string, values: unknown[] = []): Promise<void> {
    await this.#connection?.query(sql, values)
  }

  async close(): Promise<void> {
    await this.#connection?.end()
  }
}

function quote(name: string): string {
  return mysql.escapeId(name, true)
}

function parameter(value: JsonValue | undefined, column: TableSchema['properties'][string] | undefined): unknown {
  if (value === null || value === undefined) return null
  if (column?.type === 'object' || column?.type === 'array') return stringifyJson(value)
  // MySQL takes no `T`, and no zone; what stands for one here is always UTC.
  if (column?.format === 'date-time')
    return String(value)
      .replace('T', ' ')
      .replace(/(?:Z|[+-]\d\d:\d\d)$/, '')
  return typeof value === 'object' ? String(value) : value
}
