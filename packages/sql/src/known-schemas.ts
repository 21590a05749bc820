import type { TableSchema } from '@eds/core'

/** The versions of each table that have been prepared. */
export class KnownSchemas {
  readonly #tables = new Map<string, Map<string, TableSchema>>()

  /** The version prepared last counts as the newest. */
  remember(schemas: readonly TableSchema[]): void {
    for (const schema of schemas) {
      const versions = this.#tables.get(schema.table) ?? new Map<string, TableSchema>()
      versions.delete(schema.modelVersion)
      versions.set(schema.modelVersion, schema)
      this.#tables.set(schema.table, versions)
    }
  }

  /** All versions of a table, the newest one last. */
  versionsOf(table: string): readonly TableSchema[] {
    return [...(this.#tables.get(table)?.values() ?? [])]
  }
}
