import type { ColumnSchema, JsonValue } from '@eds/core'
import type { ColumnSet, ColumnSets } from './column-set.js'

/** What a conversion may depend on besides the column's type. */
export interface ColumnLimits {
  /** Characters that a VARCHAR(n) takes; `Infinity` without a limit. */
  readonly maxLength: number
}

/**
 * Turns a value that is not null into text that the database reads as the column's type, unchanged in meaning.
 *
 * @throws UnfitValue when the column cannot hold it.
 */
export type ToText = (value: JsonValue, limits: ColumnLimits) => string

/** How values get into a column of some type. */
export interface TypeSupport {
  readonly toText: ToText
  /** By type of the schema: what stands for null in a column that cannot be null, where there is such a thing. */
  readonly empty?: Partial<Readonly<Record<ColumnSchema['type'], string>>>
}

/** One column that EDS writes. A driver adds what its statements need. */
export interface ColumnPlan extends ColumnLimits {
  readonly name: string
  readonly toText: ToText
  /** What is stored in place of null where a column may not be null. */
  readonly nullText: string | undefined
  /** True when a null would be refused. */
  readonly refusesNull: boolean
  /** True when a new row cannot do without the column. */
  readonly mandatory: boolean
}

/** How the images of one model version go into the table. */
export interface VersionPlan {
  readonly plan: TablePlan
  readonly modelVersion: string
  /** Index of the column → whether the version has it. */
  readonly includes: readonly boolean[]
  /** The columns of an image that carries all the version has. */
  readonly whole: ColumnSet
  /** All properties of an open schema, which must not be left out silently. */
  readonly knownProperties: ReadonlySet<string> | undefined
}

/** How events go into one table of the database. A driver adds what its statements need. */
export interface TablePlan<Column extends ColumnPlan = ColumnPlan> {
  readonly table: string
  readonly primaryKeys: readonly string[]
  /** Keys first; the order of the texts of a row. */
  readonly columns: readonly Column[]
  readonly versions: ReadonlyMap<string, VersionPlan>
  readonly sets: ColumnSets
  /** Marks the keys to delete among staged rows, as {@link ColumnSet.id} marks others. */
  readonly deleteId: number
  readonly guard: boolean
  /** Why the database cannot store a text, whatever the column; `undefined` when it can. Asked only of texts that JSON had to escape. */
  readonly textFault: TextFault
}

export type TextFault = (text: string) => string | undefined

/** The column in which `?guard=true` keeps the position of a row's last change. */
export const guardColumn = '_eds_mvcc'

/** Where with `?guard=true` the positions of deleted rows are kept, so that an old INSERT does not bring a row back. */
export const tombstoneTable = '_eds_tombstone'
