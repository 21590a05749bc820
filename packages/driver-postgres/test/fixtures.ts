import type { TableSchema } from '@eds/core'
import type { PostgresCatalogColumn, PostgresCatalogTable } from '../src/catalog.js'
import { columnType } from '../src/column-type.js'

export { eventOf, schemaOf } from '@eds/testkit'

const typeNames: Readonly<Record<string, string>> = {
  TEXT: 'text',
  BIGINT: 'int8',
  'DOUBLE PRECISION': 'float8',
  BOOLEAN: 'bool',
  JSONB: 'jsonb',
  TIMESTAMPTZ: 'timestamptz',
  'VARCHAR(64)': 'varchar',
}

/** The table as EDS would make it, with changes to single columns. */
export function catalogOf(
  schema: TableSchema,
  changes: Readonly<Record<string, Partial<PostgresCatalogColumn>>> = {},
): PostgresCatalogTable {
  const columns = Object.entries(schema.properties).map(([name, property]): [string, PostgresCatalogColumn] => {
    const type = typeNames[columnType(property)] ?? 'text'
    return [name, { ...catalogColumn(name, type), notNull: schema.primaryKeys.includes(name), ...changes[name] }]
  })
  return { table: schema.table, isTable: true, columns: new Map(columns), uniqueKeys: [schema.primaryKeys] }
}

export function catalogColumn(name: string, type: string): PostgresCatalogColumn {
  return {
    name,
    type,
    category: type.startsWith('_') ? 'A' : 'U',
    cast: type,
    maxLength: type === 'varchar' ? 64 : undefined,
    notNull: false,
    hasDefault: false,
    generated: false,
    identityAlways: false,
  }
}
