import type { TableSchema } from '@eds/core'
import { type CanonicalRow, canonicalRow } from './canonical.js'
import { primaryKeyText } from './event-text.js'
import type { ExpectedState } from './expected-state.js'

/** One thing that is not as it must be. */
export interface Difference {
  readonly table: string
  /** As `primaryKeyText` makes it; empty for `more`. */
  readonly key: string
  /** `more`: how many further differences there are is in `text`. */
  readonly kind: 'missing' | 'extra' | 'duplicate' | 'different' | 'more'
  readonly column?: string
  /** Canonical text, cut around the first difference. Absent: null. */
  readonly expected?: string
  readonly actual?: string
  /** The whole difference for people, one line. */
  readonly text: string
}

/** Reads all rows of a table back; a row is column → value as the database gave it. */
export type ReadTable = (table: string, schema: TableSchema) => Rows | Promise<Rows>

type Rows = AsyncIterable<Readonly<Record<string, unknown>>> | Iterable<Readonly<Record<string, unknown>>>

export interface CompareOptions {
  /** Report no more than this many differences; default 50. */
  readonly limit?: number
  /** Default: every table that had events. */
  readonly tables?: readonly string[]
}

/**
 * Compares what a destination holds with what it must hold: every table, row and column. Resolves to an empty list when all is well.
 * Holds one row at a time, and the keys of one table.
 */
export async function compareState(
  expected: ExpectedState,
  readTable: ReadTable,
  options: CompareOptions = {},
): Promise<Difference[]> {
  const report = new Report(options.limit ?? 50)
  for (const table of options.tables ?? expected.tables()) await compareTable(expected, table, readTable, report)
  return report.differences()
}

/** Differences as lines of text, for an assertion's message. */
export function describeDifferences(differences: readonly Difference[]): string {
  return differences.map(({ text }) => text).join('\n')
}

async function compareTable(
  expected: ExpectedState,
  table: string,
  readTable: ReadTable,
  report: Report,
): Promise<void> {
  const schema = expected.schema(table)
  const seen = new Set<string>()
  for await (const row of await readTable(table, schema)) {
    const actual = canonicalRow(row, schema)
    const key = primaryKeyText(schema.primaryKeys.map((name) => actual.get(name) ?? ''))
    const wanted = expected.row(table, key)
    if (seen.has(key)) report.add({ table, key, kind: 'duplicate' })
    else if (wanted === undefined) report.add({ table, key, kind: 'extra' })
    else compareRow(table, key, canonicalRow(wanted, schema), actual, schema, report)
    seen.add(key)
  }
  for (const key of expected.keys(table)) if (!seen.has(key)) report.add({ table, key, kind: 'missing' })
}

function compareRow(
  table: string,
  key: string,
  wanted: CanonicalRow,
  actual: CanonicalRow,
  schema: TableSchema,
  report: Report,
): void {
  for (const column of Object.keys(schema.properties)) {
    const left = wanted.get(column)
    const right = actual.get(column)
    if (left !== right) report.add({ table, key, kind: 'different', column, ...excerpts(left, right) })
  }
}

const excerptLength = 120

/** Both texts cut to the neighbourhood of their first difference. */
function excerpts(expected: string | undefined, actual: string | undefined): Pick<Difference, 'expected' | 'actual'> {
  let same = 0
  while (same < (expected?.length ?? 0) && expected?.[same] === actual?.[same]) same++
  const start = Math.max(0, same - 20)
  return {
    ...(expected === undefined ? {} : { expected: cut(expected, start) }),
    ...(actual === undefined ? {} : { actual: cut(actual, start) }),
  }
}

function cut(text: string, start: number): string {
  const end = start + excerptLength
  return `${start > 0 ? '…' : ''}${text.slice(start, end)}${end < text.length ? '…' : ''}`
}

class Report {
  readonly #limit: number
  readonly #differences: Difference[] = []
  #more = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  add(difference: Omit<Difference, 'text'>): void {
    if (this.#differences.length < this.#limit) this.#differences.push({ ...difference, text: lineOf(difference) })
    else this.#more += 1
  }

  differences(): Difference[] {
    if (this.#more === 0) return this.#differences
    const text = `… and ${this.#more} more differences`
    return [...this.#differences, { table: '', key: '', kind: 'more', text }]
  }
}

function lineOf({ table, key, kind, column, expected, actual }: Omit<Difference, 'text'>): string {
  const place = `${table} ${key.length > 200 ? `${key.slice(0, 200)}…` : key}`
  if (kind !== 'different') return `${place}: ${kind}`
  return `${place} ${column}: expected ${shown(expected)}, found ${shown(actual)}`
}

/** JSON, so that invisible characters show. */
function shown(text: string | undefined): string {
  return text === undefined ? 'null' : JSON.stringify(text)
}
