import type { TableSchema } from '@eds/core'
import type { SqlServerCatalogTable, SqlServerColumnFacts } from '../src/catalog.js'
import { columnType, isText } from '../src/column-type.js'

export { eventOf, schemaOf } from '@eds/testkit'

/** The table as EDS would make it, with changes to single columns. */
export function catalogOf(
  schema: TableSchema,
  changes: Readonly<Record<string, Partial<SqlServerColumnFacts>>> = {},
): SqlServerCatalogTable {
  const columns = Object.entries(schema.properties).map(([name, property]): [string, SqlServerColumnFacts] => {
    const isKey = schema.primaryKeys.includes(name)
    const [, type = '', length] = /^(\w+)(?:\((\d+)\))?/.exec(columnType(property, isKey)) ?? []
    const facts = catalogColumn(name, type.toLowerCase(), length === undefined ? undefined : Number(length))
    return [name.toLowerCase(), { ...facts, notNull: isKey, ...changes[name] }]
  })
  return { table: schema.table, isTable: true, columns: new Map(columns), uniqueKeys: [schema.primaryKeys] }
}

export function catalogColumn(name: string, type: string, maxLength?: number): SqlServerColumnFacts {
  return {
    name,
    type,
    precision: type === 'float' ? 53 : 0,
    scale: 0,
    maxLength,
    notNull: false,
    hasDefault: false,
    generated: false,
    collation: isText({ type }) ? 'Latin1_General_100_BIN2' : undefined,
    identity: false,
  }
}
