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
import pg from 'pg'
import { z } from 'zod'
import { allShopSchemas } from './schemas.js'

/**
 * The plain way to apply changes: per batch one transaction, in it one statement per event. The tables are there already. Stays
 * as it is, so that figures can be compared over time.
 */
export default defineDriver<{ url: string }>({
  apiVersion: 1,
  name: 'statements',
  title: 'One statement per event',
  description: 'For comparison only.',
  exampleUrl: 'postgres://localhost/db',
  schemes: ['postgres'],
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
  create: ({ url }) => new StatementDriver(url),
})

class StatementDriver implements Driver {
  readonly #client: pg.Client
  readonly #schemas = new Map(allShopSchemas.map((schema) => [`${schema.table} ${schema.modelVersion}`, schema]))

  constructor(url: string) {
    this.#client = new pg.Client(url)
  }

  async connect(): Promise<void> {
    await this.#client.connect()
  }

  async write({ events }: EventBatch): Promise<WriteResult> {
    await this.#client.query('BEGIN')
    for (const event of events) await this.#apply(event)
    await this.#client.query('COMMIT')
    return written
  }

  async #apply(event: ChangeEvent): Promise<void> {
    const schema = this.#schemas.get(`${event.table} ${event.modelVersion}`)
    if (!schema) throw new Error(`no schema for ${event.table} ${event.modelVersion}`)
    if (event.operation === 'DELETE') await this.#delete(event, schema)
    else await this.#upsert(event, schema)
  }

  async #upsert({ table, after = {} }: ChangeEvent, schema: TableSchema): Promise<void> {
    const columns = columnOrder(schema).filter((name) => after[name] !== undefined)
    const names = columns.map(quote)
    const updates = names.map((name) => `${name} = excluded.${name}`)
    const text = `INSERT INTO ${quote(table)} (${names}) VALUES (${columns.map((_, index) => `$${index + 1}`)})
      ON CONFLICT (${schema.primaryKeys.map(quote)}) DO UPDATE SET ${updates}`
    await this.#client.query(
      text,
      columns.map((name) => parameter(after[name], schema.properties[name]?.type)),
    )
  }

  async #delete(event: ChangeEvent, { primaryKeys }: TableSchema): Promise<void> {
    const conditions = primaryKeys.map((name, index) => `${quote(name)} = $${index + 1}`)
    const text = `DELETE FROM ${quote(event.table)} WHERE ${conditions.join(' AND ')}`
    await this.#client.query(text, primaryKeyOf(event, primaryKeys).map(String))
  }

  async close(): Promise<void> {
    await this.#client.end()
  }
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function parameter(value: JsonValue | undefined, type: string | undefined): unknown {
  if (value === null || value === undefined) return null
  return type === 'object' || type === 'array'
    ? stringifyJson(value)
    : typeof value === 'object'
      ? String(value)
      : value
}
