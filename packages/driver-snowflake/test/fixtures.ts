import type { TableSchema } from '@eds/core'
import type { SnowflakeCatalogColumn, SnowflakeCatalogTable } from '../src/catalog.js'
import { columnType } from '../src/column-type.js'

export { eventOf, schemaOf } from '@eds/testkit'

/** The table as EDS would make it, with changes to single columns. */
export function catalogOf(
  schema: TableSchema,
  changes: Readonly<Record<string, Partial<SnowflakeCatalogColumn>>> = {},
): SnowflakeCatalogTable {
  const columns = Object.entries(schema.properties).map(([name, property]): [string, SnowflakeCatalogColumn] => {
    const type = typeNames[columnType(property)] ?? 'TEXT'
    return [name, { ...catalogColumn(name, type), notNull: schema.primaryKeys.includes(name), ...changes[name] }]
  })
  return { table: schema.table, isTable: true, columns: new Map(columns), uniqueKeys: [schema.primaryKeys] }
}

const typeNames: Readonly<Record<string, string>> = {
  INTEGER: 'NUMBER',
  FLOAT: 'FLOAT',
  BOOLEAN: 'BOOLEAN',
  VARIANT: 'VARIANT',
  'TIMESTAMP_NTZ(9)': 'TIMESTAMP_NTZ',
}

export function catalogColumn(name: string, type: string): SnowflakeCatalogColumn {
  return {
    name,
    type,
    maxLength: type === 'TEXT' ? 16_777_216 : undefined,
    precision: type === 'NUMBER' ? 38 : undefined,
    scale: type === 'NUMBER' ? 0 : type.startsWith('TIMESTAMP') ? 9 : undefined,
    notNull: false,
    hasDefault: false,
    generated: false,
  }
}
