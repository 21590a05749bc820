import type { SqlType, Value } from '../engine/types.js'

/** Parts of a name, the last one innermost: `dbo`, `orders`. */
export type Name = readonly string[]

export type Expression =
  | { readonly kind: 'literal'; readonly value: Value; readonly type: SqlType }
  | { readonly kind: 'column'; readonly name: Name }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'call'; readonly name: string; readonly arguments: readonly Expression[] }
  | { readonly kind: 'countAll' }
  | { readonly kind: 'cast'; readonly operand: Expression; readonly type: SqlType; readonly lenient: boolean }
  | { readonly kind: 'collate'; readonly operand: Expression; readonly binary: boolean }
  | { readonly kind: 'case'; readonly branches: readonly Branch[]; readonly otherwise?: Expression }
  | { readonly kind: 'not'; readonly operand: Expression }
  | { readonly kind: 'negate'; readonly operand: Expression }
  | { readonly kind: 'isNull'; readonly operand: Expression; readonly negated: boolean }
  | {
      readonly kind: 'in'
      readonly operand: Expression
      readonly choices: readonly Expression[]
      readonly negated: boolean
    }
  | { readonly kind: 'inSelect'; readonly operand: Expression; readonly select: Select; readonly negated: boolean }
  | { readonly kind: 'like'; readonly operand: Expression; readonly pattern: Expression; readonly negated: boolean }
  | { readonly kind: 'exists'; readonly select: Select }
  | { readonly kind: 'subquery'; readonly select: Select }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: Expression; readonly right: Expression }

export interface Branch {
  readonly condition: Expression
  readonly result: Expression
}

export type Source =
  | { readonly kind: 'table'; readonly name: Name; readonly alias?: string }
  | { readonly kind: 'derived'; readonly select: Select; readonly alias: string; readonly columns?: readonly string[] }
  | {
      readonly kind: 'values'
      readonly rows: readonly (readonly Expression[])[]
      readonly alias: string
      readonly columns: readonly string[]
    }

export interface Join {
  readonly how: 'inner' | 'left' | 'cross'
  readonly source: Source
  readonly on?: Expression
}

/** `FROM a JOIN b ON …, c`. */
export interface From {
  readonly first: Source
  readonly joins: readonly Join[]
}

export type SelectItem =
  | { readonly kind: 'all'; readonly of?: string }
  | { readonly kind: 'expression'; readonly expression: Expression; readonly alias?: string }
  | { readonly kind: 'assign'; readonly variable: string; readonly expression: Expression }

export interface Select {
  readonly items: readonly SelectItem[]
  readonly distinct: boolean
  readonly top?: Expression
  readonly into?: Name
  readonly from?: From
  readonly where?: Expression
  readonly groupBy: readonly Expression[]
  readonly orderBy: readonly { readonly expression: Expression; readonly descending: boolean }[]
  readonly unionAll?: Select
}

export interface Assignment {
  readonly column: string
  readonly expression: Expression
}

/** `IDENTITY(seed, increment)`. */
export interface Identity {
  readonly seed: bigint
  readonly increment: bigint
}

export interface ColumnDefinition {
  readonly name: string
  readonly type: SqlType
  readonly nullable: boolean
  readonly primaryKey: boolean
  readonly fallback?: Expression
  readonly identity?: Identity
}

export interface MergeClause {
  readonly matched: boolean
  readonly condition?: Expression
  readonly action:
    | { readonly kind: 'update'; readonly assignments: readonly Assignment[] }
    | { readonly kind: 'insert'; readonly columns: readonly string[]; readonly values: readonly Expression[] }
    | { readonly kind: 'delete' }
}

/** An argument of a stored procedure; its name in small letters, where it is given one. */
export interface Argument {
  readonly name?: string
  readonly value: Expression
}

/** A statement and the line of the batch that it begins in, from 1. */
export type Statement = AnyStatement & { readonly line?: number }

type AnyStatement =
  | { readonly kind: 'select'; readonly select: Select }
  | { readonly kind: 'insert'; readonly table: Name; readonly columns?: readonly string[]; readonly select: Select }
  | {
      readonly kind: 'insertValues'
      readonly table: Name
      readonly columns?: readonly string[]
      readonly rows: readonly (readonly Expression[])[]
    }
  | {
      readonly kind: 'update'
      readonly target: Name
      readonly assignments: readonly Assignment[]
      readonly from?: From
      readonly where?: Expression
    }
  | { readonly kind: 'delete'; readonly target: Name; readonly from?: From; readonly where?: Expression }
  | {
      readonly kind: 'merge'
      readonly target: Name
      readonly alias: string
      readonly source: Source
      readonly on: Expression
      readonly clauses: readonly MergeClause[]
    }
  | {
      readonly kind: 'createTable'
      readonly table: Name
      readonly columns: readonly ColumnDefinition[]
      readonly key: readonly string[]
    }
  | { readonly kind: 'addColumns'; readonly table: Name; readonly columns: readonly ColumnDefinition[] }
  | { readonly kind: 'addKey'; readonly table: Name; readonly key: readonly string[] }
  | { readonly kind: 'alterColumn'; readonly table: Name; readonly column: ColumnDefinition }
  | { readonly kind: 'dropColumns'; readonly table: Name; readonly columns: readonly string[] }
  | { readonly kind: 'dropTable'; readonly tables: readonly Name[]; readonly ifExists: boolean }
  | { readonly kind: 'truncate'; readonly table: Name }
  | { readonly kind: 'createSchema'; readonly name: string }
  | { readonly kind: 'insertBulk'; readonly table: Name; readonly columns: readonly string[] }
  | {
      readonly kind: 'execute'
      readonly result?: string
      readonly procedure: string
      readonly arguments: readonly Argument[]
    }
  | { readonly kind: 'begin' }
  | { readonly kind: 'commit' }
  | { readonly kind: 'rollback' }
  | { readonly kind: 'if'; readonly condition: Expression; readonly then: Statement; readonly otherwise?: Statement }
  | { readonly kind: 'block'; readonly statements: readonly Statement[] }
  | { readonly kind: 'declare'; readonly variable: string; readonly type: SqlType; readonly value?: Expression }
  | { readonly kind: 'setVariable'; readonly variable: string; readonly value: Expression }
  | { readonly kind: 'setOption'; readonly option: string; readonly on: boolean }
  | { readonly kind: 'setIdentityInsert'; readonly table: Name; readonly on: boolean }
  | { readonly kind: 'raise'; readonly number: Expression; readonly message: Expression; readonly state: Expression }
