import type { TransformConfig } from './schema.js'
import { matches } from './table-filter.js'

export type Treatment = 'keep' | 'mask' | 'hash'

/** What becomes of one column. */
export interface ColumnShape {
  readonly name: string
  readonly treatment: Treatment
}

/** What becomes of one table of the source. */
export interface TableShape {
  readonly table: string
  /** `undefined`: the column is left out. */
  column(name: string): ColumnShape | undefined
  /** The source's name of a column of the destination. */
  sourceColumn(name: string): string
  /** Columns that are gone because another one was given their name → that one. Those that a rule leaves out anyhow are not among them. */
  readonly covered: ReadonlyMap<string, string>
}

/** What becomes of the tables of the source. */
export interface Shapes {
  /** `undefined`: the table stays as it is. */
  of(table: string): TableShape | undefined
  /** The source's name of a table of the destination. */
  sourceTable(name: string): string
  /** Tables that may not come as they are, because another one takes their name → that one. */
  readonly taken: ReadonlyMap<string, string>
  /** Whether every table stays as it is. */
  readonly isEmpty: boolean
}

/**
 * Puts rules together. Every rule that fits a table counts: a column must be included by each, is left out when one leaves it out, masked
 * when one masks it; of several new names the last one holds.
 */
export function shapesOf(rules: readonly TransformConfig[]): Shapes {
  const known = new Map<string, TableShape | undefined>()
  const of = (table: string): TableShape | undefined => {
    if (!known.has(table)) known.set(table, shapeOf(table, rules))
    return known.get(table)
  }
  const renamed = rules.flatMap(({ table, rename }) => (rename === undefined ? [] : [table]))
  const sources = new Map(renamed.map((table) => [of(table)?.table ?? table, table]))
  const taken = new Map([...sources].filter(([name, table]) => name !== table && !renamed.includes(name)))
  return { of, sourceTable: (name) => sources.get(name) ?? name, taken, isEmpty: rules.length === 0 }
}

function shapeOf(table: string, rules: readonly TransformConfig[]): TableShape | undefined {
  const fitting = rules.filter((rule) => matches(rule.table, table))
  if (fitting.length === 0) return undefined
  const columns = fitting.flatMap((rule) => rule.columns ?? [])
  const names = new Map(columns.flatMap(({ rename }) => Object.entries(rename ?? {})))
  const sources = new Map([...names].map(([source, name]) => [name, source]))
  const included = columns.flatMap(({ include }) => (include ? [new Set(include)] : []))
  const excluded = new Set(columns.flatMap(({ exclude }) => exclude ?? []))
  const covered = new Map([...sources].filter(([name]) => !names.has(name) && !excluded.has(name)))
  const masked = new Set(columns.flatMap(({ mask }) => mask ?? []))
  const hashed = new Set(columns.flatMap(({ hash }) => hash ?? []))
  return {
    table: fitting.findLast(({ rename }) => rename !== undefined)?.rename ?? table,
    column: (source) => {
      if (excluded.has(source) || included.some((set) => !set.has(source))) return undefined
      if (covered.has(source)) return undefined
      const treatment = masked.has(source) ? 'mask' : hashed.has(source) ? 'hash' : 'keep'
      return { name: names.get(source) ?? source, treatment }
    },
    sourceColumn: (name) => sources.get(name) ?? name,
    covered,
  }
}
