import type { ColumnSet, RowText, RowWriter, TextRisk } from '@eds/sql'
import type { PostgresTable } from './plan.js'
import { buryStatement, deleteStatement, type SentRows, updateStatement, upsertStatement } from './statements.js'
import type { ParameterStatement } from './work.js'

/** How rows are passed as parameters. */
export type ParameterStyle =
  /** One JSON document of any number of rows: one text per column set, so that it can stay prepared. */
  | 'json'
  /** A parameter per value, for servers without `json_to_recordset`. */
  | 'values'

interface SentRow {
  readonly index: number
  readonly position: string
  /** By index of the column. */
  readonly texts: readonly (string | null)[]
}

/** Rows that go with one statement at most. */
const maxRows = 1_000
/** The protocol counts parameters with 16 bits. */
const maxParameters = 65_535

/** Collects the rows of one table for statements with parameters. */
export class ParameterWriter implements RowWriter {
  readonly #plan: PostgresTable
  readonly #style: ParameterStyle
  readonly #removed: SentRow[] = []
  readonly #put = new Map<ColumnSet, SentRow[]>()

  constructor(plan: PostgresTable, style: ParameterStyle) {
    this.#plan = plan
    this.#style = style
  }

  remove(texts: RowText, index: number, _risk: TextRisk, position: string): void {
    const keys = texts.slice(0, this.#plan.primaryKeys.length)
    this.#removed.push({ index, position, texts: keys.map((text) => text ?? null) })
  }

  put(set: ColumnSet, texts: RowText, index: number, _risk: TextRisk, position: string): void {
    const row = { index, position, texts: texts.map((text) => text ?? null) }
    const rows = this.#put.get(set)
    if (rows === undefined) this.#put.set(set, [row])
    else rows.push(row)
  }

  statements(): ParameterStatement[] {
    const plan = this.#plan
    const keys = plan.primaryKeys.map((_, index) => index)
    const statements: ParameterStatement[] = []
    for (const rows of this.#chunks(this.#removed, keys)) {
      statements.push(this.#statement(keys, rows, (sent) => deleteStatement(plan, sent)))
      if (plan.guard) statements.push(this.#statement(keys, rows, (sent) => buryStatement(plan, sent)))
    }
    for (const [set, all] of this.#put) {
      const build = set.insertable ? upsertStatement : updateStatement
      for (const rows of this.#chunks(all, set.columns)) {
        statements.push(this.#statement(set.columns, rows, (sent) => build(plan, set, sent), this.#nameOf(set)))
      }
    }
    return statements
  }

  *#chunks(rows: readonly SentRow[], columns: readonly number[]): Generator<readonly SentRow[]> {
    const fitting = this.#style === 'json' ? maxRows : Math.floor(maxParameters / (columns.length + 2))
    const size = Math.min(maxRows, fitting)
    for (let from = 0; from < rows.length; from += size) yield rows.slice(from, from + size)
  }

  /**
   * Only an INSERT without a join stays prepared. A DELETE, an UPDATE or a look at tombstones that was planned while its table was
   * small would go on reading the whole table when it is large.
   */
  #nameOf(set: ColumnSet): string | undefined {
    const { guard, versions } = this.#plan
    if (this.#style !== 'json' || guard || !set.insertable) return undefined
    return [...versions.values()].some(({ whole }) => whole === set) ? `eds_${set.id}` : undefined
  }

  #statement(
    columns: readonly number[],
    rows: readonly SentRow[],
    build: (sent: SentRows) => string,
    name?: string,
  ): ParameterStatement {
    const { table, guard } = this.#plan
    const { relation, values } =
      this.#style === 'json' ? jsonRows(columns, rows, guard) : valueRows(columns, rows, guard)
    return { table, text: build({ relation, where: 'true' }), values, ...(name === undefined ? {} : { name }) }
  }
}

interface Parameters {
  readonly relation: string
  readonly values: (string | null)[]
}

function jsonRows(columns: readonly number[], rows: readonly SentRow[], guard: boolean): Parameters {
  const definitions = ['n int', ...(guard ? ['m numeric'] : []), ...columns.map((column) => `c${column} text`)]
  const objects = rows.map(({ index, position, texts }) => {
    const object: Record<string, string | number | null> = { n: index, ...(guard ? { m: position } : {}) }
    for (const column of columns) object[`c${column}`] = texts[column] ?? null
    return object
  })
  return { relation: `json_to_recordset($1) AS s (${definitions.join(', ')})`, values: [JSON.stringify(objects)] }
}

function valueRows(columns: readonly number[], rows: readonly SentRow[], guard: boolean): Parameters {
  const values: (string | null)[] = []
  const place = (value: string | null, type: string) => `$${values.push(value)}::${type}`
  const tuples = rows.map(({ index, position, texts }) => {
    const items = [place(String(index), 'int8'), ...(guard ? [place(position, 'decimal')] : [])]
    for (const column of columns) items.push(place(texts[column] ?? null, 'text'))
    return `(${items.join(', ')})`
  })
  const names = ['n', ...(guard ? ['m'] : []), ...columns.map((column) => `c${column}`)]
  return { relation: `(VALUES ${tuples.join(', ')}) AS s (${names.join(', ')})`, values }
}
