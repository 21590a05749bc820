import type { TableSchema } from '@eds/core'
import { didYouMean, nearestName } from './nearest-name.js'
import type { Problem } from './problems.js'
import type { FilterConfig, TransformConfig } from './schema.js'
import { matches, passesTable } from './table-filter.js'

/** Filters and transforms that stand together in a file. */
export interface NamingRules {
  /** Where they stand: `sinks[0].`; empty: at the top. */
  readonly place: string
  readonly filters?: FilterConfig | undefined
  readonly transforms?: readonly TransformConfig[] | undefined
}

export interface NameFindings {
  /** Rules that would not hold back what they are to hold back, or name a column that is not there. */
  readonly problems: readonly Problem[]
  /** What may be right later, or elsewhere. */
  readonly warnings: readonly Problem[]
}

type Columns = NonNullable<TransformConfig['columns']>
type KnownTables = ReadonlyMap<string, ReadonlySet<string>>

interface Finding extends Problem {
  readonly isWrong: boolean
}

const columnRules = ['include', 'exclude', 'rename', 'mask', 'hash'] as const satisfies readonly (keyof Columns)[]

/**
 * Compares the names in rules with schemas: a misspelt one would let data through that is to be masked or left out. A table may come in
 * several versions; a column of any of them is known. Names with `*` may be meant for tables to come: they are never wrong.
 */
export function nameProblems(rules: readonly NamingRules[], schemas: Iterable<TableSchema>): NameFindings {
  const tables = columnsByTable(schemas)
  const found = rules.flatMap(({ place, filters, transforms = [] }) => [
    ...filterFindings(`${place}filters.tables`, filters, tables),
    ...transforms.flatMap((rule, index) => ruleFindings(`${place}transforms[${index}]`, rule, tables)),
  ])
  const withoutKind = ({ path, message }: Finding): Problem => ({ path, message })
  return {
    problems: found.filter(({ isWrong }) => isWrong).map(withoutKind),
    warnings: found.filter(({ isWrong }) => !isWrong).map(withoutKind),
  }
}

/** Whether there is any name to compare. */
export function namesAnything({ filters, transforms = [] }: NamingRules): boolean {
  return (
    transforms.length > 0 ||
    plainNames(filters?.tables?.include).length + plainNames(filters?.tables?.exclude).length > 0
  )
}

/** A table that is left out needs no schema: its name is wrong only if it looks like that of a table which is delivered. */
function filterFindings(path: string, filters: FilterConfig | undefined, tables: KnownTables): Finding[] {
  if (filters === undefined) return []
  const missing = (patterns: readonly string[] | undefined) => plainNames(patterns).filter((name) => !tables.has(name))
  const delivered = [...tables.keys()].filter((table) => passesTable([filters], table))
  return [
    ...missing(filters.tables?.include).map((name) => ({
      path: `${path}.include`,
      message: noTable(name, tables.keys()),
      isWrong: false,
    })),
    ...missing(filters.tables?.exclude).map((name) => ({
      path: `${path}.exclude`,
      message: noTable(name, delivered),
      isWrong: nearestName(name, delivered) !== undefined,
    })),
  ]
}

function ruleFindings(path: string, { table, columns = {} }: TransformConfig, tables: KnownTables): Finding[] {
  const fitting = [...tables.keys()].filter((name) => matches(table, name))
  if (fitting.length === 0) {
    const holdsBack = (columns.mask ?? columns.hash ?? columns.exclude) !== undefined
    return [{ path: `${path}.table`, message: noTable(table, tables.keys()), isWrong: holdsBack && !isPattern(table) }]
  }
  const known = new Set(fitting.flatMap((name) => [...(tables.get(name) ?? [])]))
  const subject = isPattern(table) ? `no table like "${table}" has a column` : `table "${table}" has no column`
  return columnRules.flatMap((rule) =>
    namesIn(columns[rule])
      .filter((name) => !known.has(name))
      .map((name) => ({
        path: `${path}.columns.${rule}`,
        message: `${subject} "${name}"${didYouMean(name, known)}`,
        isWrong: !isPattern(table),
      })),
  )
}

function noTable(name: string, candidates: Iterable<string>): string {
  return `there is no schema of a table ${isPattern(name) ? 'like ' : ''}"${name}"${didYouMean(name, candidates)}`
}

function columnsByTable(schemas: Iterable<TableSchema>): KnownTables {
  const tables = new Map<string, Set<string>>()
  for (const { table, properties } of schemas) {
    const columns = tables.get(table) ?? new Set()
    for (const name of Object.keys(properties)) columns.add(name)
    tables.set(table, columns)
  }
  return tables
}

function namesIn(value: readonly string[] | Readonly<Record<string, string>> | undefined): readonly string[] {
  return Array.isArray(value) ? value : Object.keys(value ?? {})
}

function plainNames(patterns: readonly string[] = []): readonly string[] {
  return patterns.filter((name) => !isPattern(name))
}

function isPattern(name: string): boolean {
  return name.includes('*')
}
