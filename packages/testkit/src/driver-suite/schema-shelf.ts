import type { ChangeEvent, TableSchema } from '@eds/core'
import { objectName, type ShopSchemas } from '@eds/shop'

/** The schemas of a case, by table and model version: the suite's stand-in for a schema registry. */
export class SchemaShelf implements ShopSchemas {
  readonly #schemas = new Map<string, TableSchema>()
  /** Per table the schema that was added last. */
  readonly latest = new Map<string, TableSchema>()

  add(schema: TableSchema): void {
    this.#schemas.set(keyOf(schema.table, schema.modelVersion), schema)
    this.latest.set(schema.table, schema)
  }

  get versions(): readonly TableSchema[] {
    return [...this.#schemas.values()]
  }

  get(table: string, modelVersion: string): TableSchema | undefined {
    return this.#schemas.get(keyOf(table, modelVersion))
  }

  document(): Record<string, TableSchema> {
    return Object.fromEntries([...this.latest].map(([table, schema]) => [objectName(table), schema]))
  }

  /** The schema an event follows. Throws when the case forgot to add it. */
  of({ table, modelVersion }: ChangeEvent): TableSchema {
    return known(this.get(table, modelVersion), table)
  }

  /** The schema of the table that was added last. */
  latestOf(table: string): TableSchema {
    return known(this.latest.get(table), table)
  }

  /** The schemas that a batch needs, each once. */
  needed(events: readonly ChangeEvent[]): TableSchema[] {
    return [...new Set(events.map((event) => this.of(event)))]
  }
}

function known(schema: TableSchema | undefined, table: string): TableSchema {
  if (schema === undefined) throw new TypeError(`the case declared no such schema of "${table}"`)
  return schema
}

function keyOf(table: string, modelVersion: string): string {
  return `${modelVersion} ${table}`
}
