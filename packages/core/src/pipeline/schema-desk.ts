import type { SchemaChange, SchemaSupport } from '../driver.js'
import { EdsError, isEdsError } from '../errors.js'
import type { ChangeEvent } from '../event.js'
import type { SchemaRegistry } from '../registry.js'
import type { TableSchema } from '../schema.js'

/** What the destination has been made ready for in this run, per table and model version. */
type Readiness = { readonly schema: TableSchema } | { readonly refused: EdsError }

/**
 * Keeps the destination's tables fit for the events: asks the registry for each table and version once, and has the driver prepare
 * them. Knows which tables can never be written.
 */
export class SchemaDesk {
  readonly #support: SchemaSupport
  readonly #registry: SchemaRegistry
  readonly #onChange: (change: SchemaChange) => void
  readonly #tables = new Map<string, Map<string, Readiness>>()

  constructor(support: SchemaSupport, registry: SchemaRegistry, onChange: (change: SchemaChange) => void) {
    this.#support = support
    this.#registry = registry
    this.#onChange = onChange
  }

  /** True when the event can be written as it is. Runs once per event. */
  isReady(event: ChangeEvent): boolean {
    const readiness = this.#tables.get(event.table)?.get(event.modelVersion)
    return readiness !== undefined && 'schema' in readiness
  }

  /** Every column that the table has by now, in any version of its schema; `undefined` before the first was prepared. */
  columnsOf(table: string): ReadonlySet<string> | undefined {
    const versions = [...(this.#tables.get(table)?.values() ?? [])]
    const schemas = versions.flatMap((readiness) => ('schema' in readiness ? [readiness.schema] : []))
    if (schemas.length === 0) return undefined
    return new Set(schemas.flatMap(({ properties }) => Object.keys(properties)))
  }

  /** Why an event's table can never be written; `undefined` when it can. */
  refusalOf(event: ChangeEvent): EdsError | undefined {
    const readiness = this.#tables.get(event.table)?.get(event.modelVersion)
    return readiness && 'refused' in readiness ? readiness.refused : undefined
  }

  /**
   * Makes the destination ready for all these events, except those that {@link refusalOf} then explains. Rejects when the registry
   * or the destination could not be asked; then nothing counts as ready that was not before.
   */
  async prepare(events: readonly ChangeEvent[], signal: AbortSignal): Promise<void> {
    const schemas = new Map<string, TableSchema>()
    const unknown: ChangeEvent[] = []
    for (const event of events) {
      const { table, modelVersion } = event
      if (this.#tables.get(table)?.has(modelVersion)) continue
      const pair = JSON.stringify([table, modelVersion])
      // A schema that is inferred grows with every row that it sees.
      if (schemas.has(pair) && !schemas.get(pair)?.open) continue
      const schema = await this.#registry.get(table, modelVersion, event, signal)
      if (schema) schemas.set(pair, schema)
      else unknown.push(event)
    }
    await this.#prepareSchemas([...schemas.values()], signal)
    for (const event of unknown) {
      if (!schemas.has(JSON.stringify([event.table, event.modelVersion])))
        this.#remember(event, { refused: unknownTable(event) })
    }
  }

  /**
   * The destination says that a table does not fit (any more): learn and prepare again. `event` is the one at fault, when known;
   * otherwise every table of the batch is asked for again.
   */
  async refresh(events: readonly ChangeEvent[], event: ChangeEvent | undefined, signal: AbortSignal): Promise<void> {
    for (const { table, modelVersion } of event ? [event] : events) this.#tables.get(table)?.delete(modelVersion)
    await this.prepare(event ? [event, ...events] : events, signal)
  }

  /** Forgets refusals, so that a person's repair is seen when dead letters are tried again. */
  forgetRefusals(): void {
    for (const versions of this.#tables.values())
      for (const [version, readiness] of versions) if ('refused' in readiness) versions.delete(version)
  }

  async #prepareSchemas(schemas: readonly TableSchema[], signal: AbortSignal): Promise<void> {
    let remaining = schemas
    while (remaining.length > 0) {
      try {
        for (const change of await this.#support.prepare(remaining, signal)) this.#onChange(change)
        for (const schema of remaining) this.#remember(schema, { schema })
        return
      } catch (error) {
        const refused = isEdsError(error) && error.code === 'record' ? error : undefined
        const concerned = remaining.filter((schema) => schema.table === refused?.table)
        if (!refused || concerned.length === 0) throw error
        for (const schema of concerned) this.#remember(schema, { refused })
        remaining = remaining.filter((schema) => schema.table !== refused.table)
      }
    }
  }

  #remember({ table, modelVersion }: Pick<TableSchema, 'table' | 'modelVersion'>, readiness: Readiness): void {
    const versions = this.#tables.get(table) ?? new Map<string, Readiness>()
    versions.set(modelVersion, readiness)
    this.#tables.set(table, versions)
  }
}

function unknownTable(event: ChangeEvent): EdsError {
  return new EdsError('record', `no schema for table "${event.table}" in version "${event.modelVersion}"`, {
    table: event.table,
    fix: 'declare the table in the schema registry, then retry the dead letter',
  })
}
