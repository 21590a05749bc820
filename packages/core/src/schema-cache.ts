import type { StateStore } from './runtime.js'
import type { TableSchema } from './schema.js'
import { parseTableSchema } from './schema-document.js'

/** Schemas held in memory. */
const maxSchemas = 1_000

/**
 * Table schemas by table and model version: the most recently used in memory, all of them in a store. A schema in one version never
 * changes, so nothing expires. A store that fails, or holds something unreadable, is passed over: the cache only saves requests.
 */
export class SchemaCache {
  readonly #store: StateStore | undefined
  /** In the order of last use. */
  readonly #recent = new Map<string, TableSchema>()

  constructor(store: StateStore | undefined) {
    this.#store = store
  }

  /** Looks in memory only. */
  recall(table: string, modelVersion: string): TableSchema | undefined {
    const key = keyOf(table, modelVersion)
    const schema = this.#recent.get(key)
    if (schema !== undefined) this.#remember(key, schema)
    return schema
  }

  /** Looks in the store. */
  async load(table: string, modelVersion: string): Promise<TableSchema | undefined> {
    const key = keyOf(table, modelVersion)
    try {
      const text = await this.#store?.get(key)
      if (text === undefined) return undefined
      const schema = parseTableSchema(JSON.parse(text))
      this.#remember(key, schema)
      return schema
    } catch {
      return undefined
    }
  }

  async keep(schemas: Iterable<TableSchema>): Promise<void> {
    const changes: [key: string, value: string][] = []
    for (const schema of schemas) {
      const key = keyOf(schema.table, schema.modelVersion)
      this.#remember(key, schema)
      changes.push([key, JSON.stringify(schema)])
    }
    await this.#store?.write(Object.fromEntries(changes)).catch(() => {})
  }

  #remember(key: string, schema: TableSchema): void {
    this.#recent.delete(key)
    this.#recent.set(key, schema)
    const [oldest] = this.#recent.keys()
    if (this.#recent.size > maxSchemas && oldest !== undefined) this.#recent.delete(oldest)
  }
}

function keyOf(table: string, modelVersion: string): string {
  return JSON.stringify([table, modelVersion])
}
