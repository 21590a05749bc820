import type { TableSchema } from '@eds/core'
import type { FilterConfig, TransformConfig } from './schema.js'
import { passesTable } from './table-filter.js'
import type { Shapes } from './table-shape.js'

type KnownTable = Pick<TableSchema, 'table' | 'primaryKeys' | 'properties'>

/**
 * Tells where rules would break the identity of rows, or let two tables or columns meet, in tables whose schema is known. A key column
 * may be renamed, but must be there as it is: it would be found in the events' keys anyhow.
 */
export function keyProblems(tables: Iterable<KnownTable>, shapes: Shapes, filters: readonly FilterConfig[]): string[] {
  return [...tables]
    .filter(({ table }) => passesTable(filters, table))
    .flatMap((known) => {
      const rival = shapes.taken.get(known.table)
      if (rival === undefined) return tableProblems(known, shapes)
      return [
        `table "${known.table}" would be mixed with "${rival}", which is renamed to it: exclude or rename it, too`,
      ]
    })
}

function tableProblems({ table, primaryKeys, properties }: KnownTable, shapes: Shapes): string[] {
  const shape = shapes.of(table)
  if (shape === undefined) return []
  const keys = primaryKeys.flatMap((column) => {
    const found = shape.column(column)
    if (found?.treatment === 'keep') return []
    const wish = found === undefined ? 'left out' : `${found.treatment}ed`
    return [`"${column}" is a key of table "${table}" and cannot be ${wish}: rows are told apart by it`]
  })
  const covered = [...shape.covered].flatMap(([column, source]) => {
    const isThere = Object.hasOwn(properties, column) && Object.hasOwn(properties, source)
    return isThere
      ? [
          `table "${table}" has a column "${column}", and "${source}" is renamed to it: rename or exclude "${column}", too`,
        ]
      : []
  })
  return [...keys, ...covered]
}

/** Where schemas are inferred, `id` is the key of every table; a rule's table stands for itself. */
export function inferredTables(transforms: readonly TransformConfig[]): KnownTable[] {
  return transforms.map(({ table }) => ({ table, primaryKeys: ['id'], properties: {} }))
}
