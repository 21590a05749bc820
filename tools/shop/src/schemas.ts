import type { ColumnSchema, TableSchema } from '@eds/core'
import { hex } from './random.js'
import { type RowBytes, type TableDefinition, tableDefinitions, versionCount } from './tables.js'

export interface SchemaOptions {
  /** Default: all of {@link shopTables}. */
  readonly tables?: readonly string[]
  /** Must be what the events are made with; default `realistic`. */
  readonly rowBytes?: RowBytes
}

/** The schemas that belong to the events. */
export interface ShopSchemas {
  /** Every version of every table, oldest first within a table. */
  readonly versions: readonly TableSchema[]
  /** The newest version of each table, by table name. */
  readonly latest: ReadonlyMap<string, TableSchema>
  /** One version of one table; `undefined` when there is none. */
  get(table: string, modelVersion: string): TableSchema | undefined
  /** What `GET /v3/schema` answers: object name → newest schema. */
  document(): Record<string, TableSchema>
}

/** Schemas of the tables, the same for every seed. */
export function shopSchemas(options: SchemaOptions = {}): ShopSchemas {
  const rowBytes = options.rowBytes ?? 'realistic'
  const byTable = tableDefinitions(options.tables, rowBytes).map((definition) => versionsOf(definition, rowBytes))
  const versions = byTable.flat()
  const latest = new Map(byTable.flatMap((list) => list.slice(-1)).map((schema) => [schema.table, schema]))
  const byVersion = new Map(versions.map((schema) => [`${schema.table} ${schema.modelVersion}`, schema]))
  return {
    versions,
    latest,
    get: (table, modelVersion) => byVersion.get(`${table} ${modelVersion}`),
    document: () => Object.fromEntries([...latest.values()].map((schema) => [objectName(schema.table), schema])),
  }
}

/** `appointment_user_connection` → `AppointmentUserConnection`, the key in the schema document. */
export function objectName(table: string): string {
  return table.replace(/(?:^|_)(\w)/g, (_, first: string) => first.toUpperCase())
}

function versionsOf(definition: TableDefinition, rowBytes: RowBytes): TableSchema[] {
  return Array.from({ length: versionCount }, (_, index) => versionOf(definition, index + 1, rowBytes))
}

function versionOf(definition: TableDefinition, version: number, rowBytes: RowBytes): TableSchema {
  const present = definition.columns.filter(({ since }) => since <= version)
  const properties: Record<string, ColumnSchema> = {}
  for (const { name, schema } of present) properties[name] = schema
  return {
    table: definition.table,
    modelVersion: modelVersion(definition.table, version, rowBytes),
    primaryKeys: definition.primaryKeys,
    required: present.filter(({ required }) => required).map(({ name }) => name),
    properties,
  }
}

/** Nine hexadecimal digits in no order: nothing may be concluded from comparing two versions. */
export function modelVersion(table: string, version: number, rowBytes: RowBytes): string {
  let hash = 0x811c9dc5
  for (const character of `${rowBytes} ${table} ${version}`) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193)
  }
  return `f${hex(hash >>> 0, 8)}`
}
