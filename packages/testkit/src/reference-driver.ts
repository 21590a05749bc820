import {
  type BulkImporter,
  type ChangeEvent,
  type Driver,
  type DriverDefinition,
  defineDriver,
  EdsError,
  type EventBatch,
  formatUrl,
  parseUrl,
  type SchemaChange,
  type SchemaSupport,
  secret,
  type TableSchema,
  toEdsError,
  type WriteFailure,
  type WriteResult,
} from '@eds/core'
import { z } from 'zod'
import type { MemoryDatabase } from './memory-database.js'

const configSchema = z.object({
  database: z.string().min(1).describe('Name of the database in this process'),
  password: secret(z.string()).default('').describe('Password of the database, where it has one'),
})

export type MemoryConfig = z.infer<typeof configSchema>

/**
 * The smallest complete driver: tables in memory, with migrations, bulk load and a probe. It shows what each promise of the contract
 * means, and the conformance suite is tested with it.
 */
export function memoryDriver(database: MemoryDatabase): DriverDefinition<MemoryConfig> {
  return defineDriver<MemoryConfig>({
    apiVersion: 1,
    name: 'memory',
    title: 'Memory',
    description: 'Keeps tables in memory',
    exampleUrl: 'memory://:password@shop',
    schemes: ['memory'],
    config: configSchema,
    parse(url) {
      const { hosts, password } = parseUrl(url)
      return { database: hosts[0]?.host, password }
    },
    format: ({ database, password }) =>
      formatUrl({ scheme: 'memory', hosts: [{ host: database }], password, path: '', query: {} }),
    traits: () => ({
      maxBatchEvents: 10_000,
      maxBatchBytes: 8 * 2 ** 20,
      maxInFlight: 2,
      lingerMs: 0,
      ordering: 'key',
      redelivery: 'idempotent',
      compaction: true,
      batches: 'free',
      start: 'resume',
    }),
    create: ({ password }) => new MemoryDriver(database, password),
  })
}

class MemoryDriver implements Driver {
  readonly #database: MemoryDatabase
  readonly #password: string
  readonly #schemas = new Map<string, TableSchema>()
  #connected = false
  #openWrites = 0
  /** Resolves to false when the write that was called last was not clean. */
  #previous = Promise.resolve(true)

  constructor(database: MemoryDatabase, password: string) {
    this.#database = database
    this.#password = password
  }

  async connect(signal: AbortSignal): Promise<void> {
    await this.#database.answer(signal)
    this.#database.admit(this.#password)
    this.#connected = true
  }

  write(batch: EventBatch, signal: AbortSignal): Promise<WriteResult> {
    const previous = this.#openWrites === 0 ? Promise.resolve(true) : this.#previous
    this.#openWrites++
    const write = this.#writeAfter(previous, batch, signal).finally(() => {
      this.#openWrites--
    })
    this.#previous = write.then(
      ({ failures }) => failures === undefined,
      () => false,
    )
    return write
  }

  async close(): Promise<void> {
    this.#connected = false
  }

  async #writeAfter(previous: Promise<boolean>, batch: EventBatch, signal: AbortSignal): Promise<WriteResult> {
    if (!(await previous)) throw new EdsError('connection', 'a batch in front of this one was not written')
    if (!this.#connected) throw new EdsError('connection', 'not connected')
    await this.#database.answer(signal)
    const failures = this.#apply(batch.events)
    return failures.length > 0 ? { failures } : {}
  }

  #apply(events: readonly ChangeEvent[]): WriteFailure[] {
    const schemas = events.map((event, index) => this.#schemaOf(event, index))
    const failures: WriteFailure[] = []
    const failedRows = new Set<string>()
    for (const [index, event] of events.entries()) {
      try {
        if (failedRows.has(event.rowKey)) throw new EdsError('record', 'stands behind an event of its row that failed')
        this.#database.apply(event, schemas[index] as TableSchema)
      } catch (error) {
        failedRows.add(event.rowKey)
        failures.push({ index, error: toEdsError(error) })
      }
    }
    return failures
  }

  #schemaOf(event: ChangeEvent, index: number): TableSchema {
    const { table, modelVersion, after = {} } = event
    const schema = this.#schemas.get(`${modelVersion} ${table}`)
    if (schema === undefined || !this.#database.has(table)) {
      throw new EdsError('schema', `the table "${table}" is not prepared`, { table, index })
    }
    const unknown = Object.keys(after).find((name) => after[name] !== null && schema.properties[name] === undefined)
    if (schema.open && unknown !== undefined) {
      throw new EdsError('schema', `the schema of "${table}" does not name "${unknown}"`, { table, index })
    }
    return schema
  }

  readonly schema: SchemaSupport = {
    prepare: async (schemas, signal) => {
      await this.#database.answer(signal)
      const changes: SchemaChange[] = []
      for (const schema of schemas) {
        changes.push(...this.#database.addTable(schema))
        this.#schemas.set(`${schema.modelVersion} ${schema.table}`, schema)
      }
      return changes
    },
  }

  readonly importer: BulkImporter = {
    load: async ({ schema, rows, mode }, signal) => {
      const events: ChangeEvent[] = []
      for await (const chunk of rows) events.push(...chunk)
      await this.#database.answer(signal)
      this.#database.load(schema, events, mode)
      return { rows: events.length }
    },
  }

  readonly probe = {
    test: async (signal: AbortSignal) => {
      await this.#database.answer(signal)
      this.#database.admit(this.#password)
      return { summary: 'Memory of this process', warnings: [] }
    },
  }
}
