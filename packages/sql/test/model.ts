import type { ChangeEvent, ColumnSchema, TableSchema } from '@eds/core'
import { EdsError, type WriteFailure } from '@eds/core'
import {
  type CatalogColumn,
  type CatalogTable,
  type ColumnPlan,
  type ColumnSet,
  chainRows,
  missingRows,
  type NewColumn,
  planTable,
  RowEncoder,
  type RowText,
  type RowWriter,
  type SqlDialect,
  type TablePlan,
  toServerText,
} from '../src/index.js'

/** A database in which everything is text. */
export const modelDialect: SqlDialect<CatalogColumn, ColumnPlan> = {
  product: 'Model',
  guardType: 'TEXT',
  foldName: (name) => name.toLowerCase(),
  quoteIdentifier: (name) => `<${name}>`,
  columnType: (schema, isKey) => `${isKey ? 'KEY ' : ''}${schema?.type.toUpperCase() ?? 'TEXT'}`,
  typeSupport: (column) => (column.generated ? undefined : { toText: toServerText, empty: { array: '[]' } }),
  typeName: () => 'TEXT',
  completeColumn: (base) => base,
  textFault: (text) => (text.includes('\0') ? 'Model stores no NUL' : undefined),
  dropNotNullStatement: (table, column) => `RELAX <${table}> <${column}>`,
  addPrimaryKeyStatement: (table, columns) => `KEY <${table}> ${columns.join(' ')}`,
  createTableStatement: (table, columns, keys) => `CREATE <${table}> ${shown(columns)} KEY ${keys.join(' ')}`,
  addColumnsStatement: (table, columns) => `ADD <${table}> ${shown(columns)}`,
  createTombstoneStatements: () => ['CREATE TOMBSTONES'],
}

function shown(columns: readonly NewColumn[]): string {
  return columns.map(({ name, type }) => `<${name}> ${type}`).join(', ')
}

export function columnOf(name: string, more: Partial<CatalogColumn> = {}): CatalogColumn {
  return { name, maxLength: undefined, notNull: false, hasDefault: false, generated: false, ...more }
}

/** The table as EDS would make it, with changes to single columns. */
export function tableOf(
  schema: TableSchema,
  changes: Readonly<Record<string, Partial<CatalogColumn>>> = {},
): CatalogTable {
  const columns = Object.keys(schema.properties).map((name): [string, CatalogColumn] => [
    modelDialect.foldName(name),
    columnOf(name, { notNull: schema.primaryKeys.includes(name), ...changes[name] }),
  ])
  return { table: schema.table, isTable: true, columns: new Map(columns), uniqueKeys: [schema.primaryKeys] }
}

export function schemaOf(table: string, columns: readonly string[], more: Partial<TableSchema> = {}): TableSchema {
  const properties = Object.fromEntries(columns.map((name): [string, ColumnSchema] => [name, { type: 'string' }]))
  return { table, modelVersion: 'v1', primaryKeys: ['id'], required: [], properties, ...more }
}

/** Column → text or null. */
export type ModelRow = Readonly<Record<string, string | null>>

/** Rows of several tables by table and key, changed the way a relational driver does: deletes, then one statement per column set. */
export class ModelDatabase {
  readonly rows = new Map<string, ModelRow>()
  readonly #plans: ReadonlyMap<string, TablePlan>

  constructor(plans: ReadonlyMap<string, TablePlan>) {
    this.#plans = plans
  }

  apply(events: readonly ChangeEvent[]): WriteFailure[] {
    const chains = chainRows(events, this.#plans)
    const failures: WriteFailure[] = []
    const encoder = new RowEncoder(events, chains, failures)
    for (const [plan, rows] of chains.lastByTable) {
      const writer = new StatementWriter()
      encoder.write(rows, plan, writer)
      failures.push(...missingRows(events, chains, this.#run(plan, writer)))
    }
    return failures.sort((left, right) => left.index - right.index)
  }

  #run(plan: TablePlan, { deletes, puts }: StatementWriter): number[] {
    const keys = plan.primaryKeys.length
    const nameOf = (texts: RowText) => [plan.table, ...texts.slice(0, keys)].join('\u0000')
    if (new Set(deletes.map(nameOf)).size < deletes.length) throw new EdsError('unknown', 'a key is deleted twice')
    for (const texts of deletes) this.rows.delete(nameOf(texts))
    const missing: number[] = []
    const met = new Set<string>()
    for (const [set, rows] of puts) {
      for (const { texts, index } of rows) {
        const name = nameOf(texts)
        if (met.has(name)) throw new EdsError('unknown', 'a row is set twice')
        met.add(name)
        const change = Object.fromEntries(
          set.columns.map((column) => [plan.columns[column]?.name, texts[column] ?? null]),
        )
        const row = this.rows.get(name)
        if (row !== undefined) this.rows.set(name, { ...row, ...change })
        else if (set.insertable) this.rows.set(name, { ...emptyRow(plan), ...change })
        else missing.push(index)
      }
    }
    return missing
  }
}

function emptyRow({ columns }: TablePlan): ModelRow {
  return Object.fromEntries(columns.map(({ name }) => [name, null]))
}

class StatementWriter implements RowWriter {
  readonly deletes: RowText[] = []
  readonly puts = new Map<ColumnSet, { texts: RowText; index: number }[]>()

  remove(texts: RowText): void {
    this.deletes.push([...texts])
  }

  put(set: ColumnSet, texts: RowText, index: number): void {
    const rows = this.puts.get(set) ?? []
    rows.push({ texts: [...texts], index })
    this.puts.set(set, rows)
  }
}

let ids = 0

export function planOf(schemas: readonly TableSchema[], found: CatalogTable, guard = false): TablePlan {
  return planTable(schemas, found, modelDialect, { guard, nextId: () => ++ids })
}
