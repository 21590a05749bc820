import type { QualifiedName, Query } from './ast.js'
import { ambiguousColumn, columnMissing } from './sql-error.js'
import type { SqlType } from './sql-type.js'
import type { Row, Value } from './value.js'

export interface ScopeColumn {
  readonly qualifier: string
  readonly name: string
  readonly type: SqlType
}

/** One row of a scope, and the row around it when the scope is a subquery's. */
export interface Frame {
  readonly row: Row
  readonly parent?: Frame
}

/** The columns that an expression may name, innermost query first. */
export interface Scope {
  readonly columns: readonly ScopeColumn[]
  readonly parent?: Scope
}

/** What an expression reads: `depth` 0 is the query's own row, 1 the one around it. */
export interface Reference {
  readonly depth: number
  readonly index: number
}

export interface Compiled {
  readonly type: SqlType
  readonly references: readonly Reference[]
  run(frame: Frame): Value
}

/** What compiling needs from outside: binds, subqueries, windows. */
export interface CompileContext {
  bind(index: number): { readonly type: SqlType; value(): Value }
  subquery(query: Query, scope: Scope): CompiledQuery
  /** CURRENT_…() of the session, or undefined for another function. */
  call(name: string): Compiled | undefined
  /** Numbers that ROW_NUMBER gave to the rows of the query being compiled. */
  readonly windows: Window[]
}

export interface CompiledQuery {
  readonly columns: readonly ScopeColumn[]
  readonly references: readonly Reference[]
  run(parent?: Frame): readonly Row[]
}

export interface Window {
  readonly partitionBy: readonly Compiled[]
  readonly orderBy: readonly { readonly key: Compiled; readonly descending: boolean }[]
  numbers: ReadonlyMap<Row, number>
}

/** Finds a column by its path; unknown and ambiguous names are the service's errors. */
export function resolveColumn(scope: Scope, path: QualifiedName): Reference & { readonly type: SqlType } {
  const name = path.at(-1) ?? ''
  const qualifier = path.at(-2)
  let depth = 0
  for (let level: Scope | undefined = scope; level !== undefined; level = level.parent, depth += 1) {
    const matches = level.columns.flatMap((column, index) =>
      column.name === name && (qualifier === undefined || column.qualifier === qualifier)
        ? [{ depth, index, type: column.type }]
        : [],
    )
    if (matches.length > 1) throw ambiguousColumn(name)
    if (matches[0] !== undefined) return matches[0]
  }
  throw columnMissing(path.map((part) => (/^[A-Z_][A-Z0-9_$]*$/.test(part) ? part : `"${part}"`)).join('.'))
}

export function ancestor(frame: Frame, depth: number): Frame {
  let found = frame
  for (let level = 0; level < depth && found.parent !== undefined; level += 1) found = found.parent
  return found
}
