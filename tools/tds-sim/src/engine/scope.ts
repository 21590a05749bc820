import type { Name } from '../sql/ast.js'
import { SqlError } from './sql-error.js'
import type { Row, Table } from './table.js'
import type { SqlType } from './types.js'

/** The current row of every source of a statement, by slot. */
export type Frame = Row[]

/** A table, system view or derived table within a statement. */
export interface BoundSource {
  readonly alias: string
  readonly slot: number
  readonly columns: readonly { readonly name: string; readonly type: SqlType }[]
  /** All its rows; read when the statement runs. */
  readonly rows: () => Iterable<Row>
  readonly size: number
  readonly table?: Table
}

/** The sources that names can mean, those of outer queries behind. */
export interface Scope {
  readonly sources: readonly BoundSource[]
  readonly parent?: Scope
}

/** Finds the source and position that a column's name means. */
export function resolveColumn(scope: Scope, name: Name): { source: BoundSource; position: number } {
  for (let current: Scope | undefined = scope; current; current = current.parent) {
    const found = current.sources.flatMap((source) => matches(source, name))
    if (found.length > 1) throw new SqlError(209, `Ambiguous column name '${name.at(-1)}'.`, { reach: 'batch' })
    if (found[0]) return found[0]
  }
  if (name.length > 1) {
    throw new SqlError(4104, `The multi-part identifier "${name.join('.')}" could not be bound.`, { reach: 'batch' })
  }
  throw new SqlError(207, `Invalid column name '${name[0]}'.`, { reach: 'batch' })
}

function matches(source: BoundSource, name: Name) {
  const qualifier = name.at(-2)
  if (qualifier !== undefined && qualifier.toLowerCase() !== source.alias.toLowerCase()) return []
  const wanted = (name.at(-1) ?? '').toLowerCase()
  const position = source.columns.findIndex((column) => column.name.toLowerCase() === wanted)
  if (position >= 0) return [{ source, position }]
  if (qualifier === undefined) return []
  throw new SqlError(207, `Invalid column name '${name.at(-1)}'.`, { reach: 'batch' })
}
