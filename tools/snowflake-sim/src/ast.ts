import type { SqlType } from './sql-type.js'

/** A possibly qualified name, outermost part first: `["DB", "S", "t"]`. */
export type QualifiedName = readonly string[]

export type Expression =
  | { readonly kind: 'column'; readonly path: QualifiedName }
  | { readonly kind: 'bind'; readonly index: number }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'number'; readonly value: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'null' }
  | { readonly kind: 'call'; readonly name: string; readonly arguments: readonly Expression[] }
  | { readonly kind: 'count-all' }
  | { readonly kind: 'cast'; readonly operand: Expression; readonly type: SqlType; readonly attempt: boolean }
  | { readonly kind: 'path'; readonly operand: Expression; readonly steps: readonly (string | number)[] }
  | { readonly kind: 'not'; readonly operand: Expression }
  | { readonly kind: 'logic'; readonly operator: 'AND' | 'OR'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'compare'; readonly operator: string; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'arithmetic'; readonly operator: string; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'distinct'; readonly left: Expression; readonly right: Expression; readonly negated: boolean }
  | { readonly kind: 'is-null'; readonly operand: Expression; readonly negated: boolean }
  | {
      readonly kind: 'in'
      readonly operand: Expression
      readonly items: readonly Expression[]
      readonly negated: boolean
    }
  | { readonly kind: 'in-query'; readonly operand: Expression; readonly query: Query; readonly negated: boolean }
  | { readonly kind: 'exists'; readonly query: Query }
  | { readonly kind: 'case'; readonly branches: readonly CaseBranch[]; readonly otherwise: Expression }
  | { readonly kind: 'row-number'; readonly partitionBy: readonly Expression[]; readonly orderBy: readonly Ordering[] }

export interface CaseBranch {
  readonly condition: Expression
  readonly result: Expression
}

export interface Ordering {
  readonly expression: Expression
  readonly descending: boolean
}

export type SelectItem =
  | { readonly kind: 'all'; readonly qualifier?: string }
  | { readonly kind: 'expression'; readonly expression: Expression; readonly alias?: string }

export type TableSource =
  | { readonly kind: 'table'; readonly name: QualifiedName; readonly alias: string }
  | { readonly kind: 'query'; readonly query: Query; readonly alias: string; readonly columns?: readonly string[] }
  | {
      readonly kind: 'values'
      readonly rows: readonly (readonly Expression[])[]
      readonly alias: string
      readonly columns?: readonly string[]
    }

export interface Join {
  readonly kind: 'inner' | 'left'
  readonly source: TableSource
  readonly on: Expression
}

export interface Query {
  readonly items: readonly SelectItem[]
  readonly distinct: boolean
  readonly from?: TableSource
  readonly joins: readonly Join[]
  readonly where?: Expression
  readonly groupBy: readonly Expression[]
  readonly qualify?: Expression
  readonly orderBy: readonly Ordering[]
  readonly limit?: number
  readonly unionAll?: Query
}

export interface Assignment {
  readonly column: string
  readonly value: Expression
}

export interface MergeClause {
  readonly matched: boolean
  readonly condition?: Expression
  readonly action:
    | { readonly kind: 'delete' }
    | { readonly kind: 'update'; readonly assignments: readonly Assignment[] }
    | { readonly kind: 'insert'; readonly columns: readonly string[]; readonly values: readonly Expression[] }
}

export interface ColumnDefinition {
  readonly name: string
  readonly type: SqlType
  readonly nullable: boolean
  readonly primaryKey: boolean
  readonly ifNotExists: boolean
}

export type Statement =
  | { readonly kind: 'query'; readonly query: Query }
  | {
      readonly kind: 'insert'
      readonly table: QualifiedName
      readonly columns: readonly string[]
      readonly source: TableSource
      readonly overwrite: boolean
    }
  | {
      readonly kind: 'update'
      readonly table: TableSource
      readonly assignments: readonly Assignment[]
      readonly from?: TableSource
      readonly where?: Expression
    }
  | { readonly kind: 'delete'; readonly table: TableSource; readonly using?: TableSource; readonly where?: Expression }
  | {
      readonly kind: 'merge'
      readonly table: TableSource
      readonly source: TableSource
      readonly on: Expression
      readonly clauses: readonly MergeClause[]
    }
  | { readonly kind: 'truncate'; readonly table: QualifiedName; readonly ifExists: boolean }
  | {
      readonly kind: 'copy'
      readonly table: QualifiedName
      readonly stage: string
      readonly options: Options
      readonly files?: readonly string[]
    }
  | { readonly kind: 'put'; readonly files: string; readonly stage: string; readonly options: Options }
  | { readonly kind: 'remove'; readonly stage: string }
  | { readonly kind: 'list'; readonly stage: string }
  | { readonly kind: 'begin' | 'commit' | 'rollback' }
  | { readonly kind: 'set'; readonly parameters: Options }
  | { readonly kind: 'unset'; readonly names: readonly string[] }
  | {
      readonly kind: 'use'
      readonly object: 'WAREHOUSE' | 'ROLE' | 'DATABASE' | 'SCHEMA'
      readonly name: QualifiedName
    }
  | { readonly kind: 'show'; readonly what: 'PRIMARY KEYS'; readonly table: QualifiedName }
  | {
      readonly kind: 'create-table'
      readonly table: QualifiedName
      readonly columns: readonly ColumnDefinition[]
      readonly primaryKey: readonly string[]
      readonly like?: QualifiedName
      readonly query?: Query
      readonly temporary: boolean
      readonly orReplace: boolean
      readonly ifNotExists: boolean
    }
  | {
      readonly kind: 'create-stage'
      readonly stage: QualifiedName
      readonly temporary: boolean
      readonly orReplace: boolean
      readonly ifNotExists: boolean
    }
  | { readonly kind: 'create-schema'; readonly name: QualifiedName; readonly ifNotExists: boolean }
  | {
      readonly kind: 'drop'
      readonly object: 'TABLE' | 'STAGE' | 'SCHEMA'
      readonly name: QualifiedName
      readonly ifExists: boolean
    }
  | { readonly kind: 'add-columns'; readonly table: QualifiedName; readonly columns: readonly ColumnDefinition[] }
  | { readonly kind: 'drop-column'; readonly table: QualifiedName; readonly column: string }
  | { readonly kind: 'rename' | 'swap'; readonly table: QualifiedName; readonly target: QualifiedName }

/** Options written `NAME = value`; a parenthesised value is nested. */
export interface Options {
  readonly [name: string]: string | Options
}

/** Kinds that commit an open transaction before and after themselves. */
export const dataDefinition: ReadonlySet<Statement['kind']> = new Set([
  'create-table',
  'create-stage',
  'create-schema',
  'drop',
  'add-columns',
  'drop-column',
  'rename',
  'swap',
])
