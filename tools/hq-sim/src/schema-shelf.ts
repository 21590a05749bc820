import { objectName } from '@eds/shop'
import type { SimSchema } from './hq-sim.js'

/** The schemas that the API serves. */
export class SchemaShelf {
  #versions: readonly SimSchema[]

  /** All versions of all tables, oldest first within a table. */
  constructor(versions: readonly SimSchema[]) {
    this.#versions = versions
  }

  replace(versions: readonly SimSchema[]): void {
    this.#versions = versions
  }

  /** The version that came last. */
  latest(table: string): SimSchema | undefined {
    return this.#versions.findLast((schema) => schema.table === table)
  }

  /** Object name → latest schema. */
  document(): Record<string, SimSchema> {
    return Object.fromEntries(this.#versions.map((schema) => [objectName(schema.table), schema]))
  }

  get(object: string, modelVersion: string): SimSchema | undefined {
    return this.#versions.find((schema) => objectName(schema.table) === object && schema.modelVersion === modelVersion)
  }
}
