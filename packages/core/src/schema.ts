export type ColumnType = 'string' | 'integer' | 'number' | 'boolean' | 'object' | 'array'

/** One column, as the schema registry describes it. */
export interface ColumnSchema {
  readonly type: ColumnType
  /** `date-time` on strings: RFC 3339 with up to six fractional digits. */
  readonly format?: string
  readonly nullable?: boolean
  /** Element type of an array; with `enum`, the array is stored as short text. */
  readonly items?: { readonly type?: string; readonly enum?: readonly string[]; readonly format?: string }
  readonly additionalProperties?: boolean
  readonly deprecated?: boolean
}

/** The shape of one table in one version. */
export interface TableSchema {
  readonly table: string
  readonly modelVersion: string
  readonly primaryKeys: readonly string[]
  readonly required: readonly string[]
  readonly properties: Readonly<Record<string, ColumnSchema>>
  /**
   * True when the schema was inferred from rows instead of declared. A driver that meets a non-null property which an open schema
   * does not name rejects with a `schema` error naming the event, so that the lane learns the column, instead of leaving it out.
   */
  readonly open?: boolean
}

/** Column names in the order every destination uses: primary keys first, then the rest sorted by code unit. */
export function columnOrder(schema: TableSchema): string[] {
  const keys = new Set(schema.primaryKeys)
  const rest = Object.keys(schema.properties).filter((name) => !keys.has(name))
  return [...schema.primaryKeys, ...rest.sort()]
}
