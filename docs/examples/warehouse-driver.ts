/**
 * A costly batch sink: a warehouse where each statement costs seconds and money, whatever it carries. So: a long linger, large
 * batches, one merged row per key, a stage that is loaded with one `MERGE`, and a loader for imports.
 */
import {
  type BulkImporter,
  type BulkLoadRequest,
  type ConnectionProbe,
  columnOrder,
  type Driver,
  type DriverDefinition,
  defineDriver,
  type EventBatch,
  formatUrl,
  parseUrl,
  type SchemaChange,
  type SchemaSupport,
  secret,
  stringifyJson,
  type TableSchema,
  type WriteResult,
} from '@eds/core'
import { z } from 'zod'
import { columnDefinition, createTable, mergeStatement, planMerges, quote } from './warehouse-plan.js'

const config = z.strictObject({
  account: z.string().min(1).describe('Account name.'),
  database: z.string().min(1).describe('Database.'),
  user: z.string().min(1).describe('User.'),
  password: secret(z.string().min(1)).describe('Password.'),
  lingerMs: z.coerce.number().int().min(0).default(30_000).describe('How long to collect changes, milliseconds.'),
})
export type Config = z.infer<typeof config>

/** What is used of the vendor's client. It throws `EdsError`: its errors are classified where it is wrapped. */
export interface Warehouse {
  /** Runs statements in one transaction. */
  run(statements: readonly string[], signal: AbortSignal): Promise<void>
  /** Stores a staged file, replacing one of the same name. */
  stage(file: string, body: string, signal: AbortSignal): Promise<void>
  /** Columns of a table; none when it does not exist. */
  columns(table: string, signal: AbortSignal): Promise<readonly string[]>
  close(): Promise<void>
}
export type OpenWarehouse = (settings: Config, signal: AbortSignal) => Promise<Warehouse>

/** The client comes from outside: the real one in the package's `index.ts`, another one in tests. */
export function warehouse(open: OpenWarehouse): DriverDefinition<Config> {
  return defineDriver<Config>({
    apiVersion: 1,
    name: 'warehouse',
    title: 'Warehouse',
    description: 'Tables in a warehouse, merged in large batches.',
    exampleUrl: 'warehouse://user:password@account/database',
    schemes: ['warehouse'],
    config,
    parse: (url) => {
      const { hosts, path, user, password, query } = parseUrl(url)
      return { ...query, account: hosts[0]?.host, database: path.slice(1), user, password }
    },
    format: ({ account, database, lingerMs, ...credentials }) => {
      const query = { lingerMs: String(lingerMs) }
      return formatUrl({ scheme: 'warehouse', ...credentials, hosts: [{ host: account }], path: `/${database}`, query })
    },
    traits: ({ lingerMs }) => ({
      maxBatchEvents: 50_000,
      maxBatchBytes: 64_000_000,
      maxInFlight: 1,
      lingerMs,
      ordering: 'key',
      redelivery: 'idempotent',
      compaction: true,
      batches: 'free',
      start: 'resume',
    }),
    create: (settings) => new WarehouseDriver(settings, open),
  })
}

class WarehouseDriver implements Driver {
  readonly #settings: Config
  readonly #open: OpenWarehouse
  readonly #schemas = new Map<string, TableSchema>()
  #session: Warehouse | undefined

  constructor(settings: Config, open: OpenWarehouse) {
    this.#settings = settings
    this.#open = open
  }

  async connect(signal: AbortSignal): Promise<void> {
    await this.close()
    this.#session = await this.#open(this.#settings, signal)
  }

  async write(batch: EventBatch, signal: AbortSignal): Promise<WriteResult> {
    const session = this.#connected
    const { merges, failures } = planMerges(batch.events, (event) => this.#schemas.get(schemaKey(event)))
    const statements: string[] = []
    for (const merge of merges) {
      const file = `${batch.first}-${statements.length}.ndjson`
      await session.stage(file, merge.rows.map(stringifyJson).join('\n'), signal)
      statements.push(mergeStatement(file, merge))
    }
    if (statements.length > 0) await session.run(statements, signal)
    return { failures }
  }

  async close(): Promise<void> {
    const session = this.#session
    this.#session = undefined
    await session?.close().catch(() => {})
  }

  readonly schema: SchemaSupport = {
    // One after the other: several may be versions of one table.
    prepare: async (schemas, signal) => {
      const changes: SchemaChange[] = []
      for (const schema of schemas) changes.push(...(await this.#prepareTable(schema, signal)))
      return changes
    },
  }

  readonly importer: BulkImporter = {
    load: async ({ schema, rows, mode }: BulkLoadRequest, signal) => {
      const session = this.#connected
      const columns = columnOrder(schema)
      const statements = mode === 'replace' ? [createTable(schema, 'CREATE OR REPLACE')] : []
      let count = 0
      for await (const chunk of rows) {
        const file = `import-${encodeURIComponent(schema.table)}-${statements.length}.ndjson`
        await session.stage(file, chunk.map(({ after = {} }) => stringifyJson(after)).join('\n'), signal)
        statements.push(mergeStatement(file, { schema, columns }))
        count += chunk.length
      }
      await session.run(statements, signal)
      return { rows: count }
    },
  }

  readonly probe: ConnectionProbe = {
    test: async (signal) => {
      const session = await this.#open(this.#settings, signal)
      await session.run(['SELECT 1'], signal).finally(() => session.close())
      return { summary: `warehouse ${this.#settings.account}, database ${this.#settings.database}`, warnings: [] }
    },
  }

  get #connected(): Warehouse {
    if (this.#session === undefined) throw new TypeError('connect comes first')
    return this.#session
  }

  async #prepareTable(schema: TableSchema, signal: AbortSignal): Promise<SchemaChange[]> {
    const session = this.#connected
    const present = await session.columns(schema.table, signal)
    const columns = columnOrder(schema).filter((name) => !present.includes(name))
    const added = columns.map((name) => columnDefinition(schema, name)).join(', ')
    const isNew = present.length === 0
    const statement = isNew ? createTable(schema, 'CREATE') : `ALTER TABLE ${quote(schema.table)} ADD ${added}`
    if (columns.length > 0) await session.run([statement], signal)
    this.#schemas.set(schemaKey(schema), schema)
    return columns.length === 0
      ? []
      : [{ table: schema.table, change: isNew ? 'table created' : 'columns added', columns }]
  }
}

function schemaKey({ table, modelVersion }: { readonly table: string; readonly modelVersion: string }): string {
  return JSON.stringify([table, modelVersion])
}
