import type { SchemaRegistry, TableSchema } from '@eds/core'
import type { TableShape } from '../event/table-shape.js'
import type { Catalog } from './catalog.js'

/**
 * Schemas of the tables, under the versions that events name. Knows every version that this source delivered since it began; an older
 * one is answered with the table as it is now.
 */
export class ShapeRegistry implements SchemaRegistry {
  readonly #read: () => Promise<Catalog>
  readonly #versions = new Map<string, TableSchema>()

  constructor(read: () => Promise<Catalog>) {
    this.#read = read
  }

  learn({ definition }: TableShape): void {
    this.#versions.set(`${definition.modelVersion} ${definition.table}`, definition)
  }

  async get(table: string, modelVersion: string): Promise<TableSchema | undefined> {
    const known = this.#versions.get(`${modelVersion} ${table}`)
    if (known) return known
    const now = (await this.latest()).get(table)
    return now && { ...now, modelVersion }
  }

  async latest(): Promise<ReadonlyMap<string, TableSchema>> {
    const { tables } = await this.#read()
    return new Map([...tables.values()].map(({ shape }) => [shape.definition.table, shape.definition]))
  }
}
