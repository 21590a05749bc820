import type { ColumnSchema } from '@eds/core'

/** How the text of a value becomes JSON. */
export type ValueKind = 'integer' | 'number' | 'boolean' | 'json' | 'bytes' | 'timestamp' | 'text'

/** A column's type as far as events care. */
export interface ValueType {
  readonly kind: ValueKind
  /** Set for arrays: what separates the elements, whose kind is {@link kind}. */
  readonly delimiter?: string
}

/** Built-in types by name in `pg_type`; all others are text. */
const kinds: Readonly<Record<string, ValueKind>> = {
  int2: 'integer',
  int4: 'integer',
  int8: 'integer',
  oid: 'integer',
  numeric: 'number',
  float4: 'number',
  float8: 'number',
  bool: 'boolean',
  json: 'json',
  jsonb: 'json',
  bytea: 'bytes',
  timestamp: 'timestamp',
  timestamptz: 'timestamp',
}

export function kindOf(typeName: string): ValueKind {
  return Object.hasOwn(kinds, typeName) ? (kinds[typeName] ?? 'text') : 'text'
}

/** The column as a destination sees it. */
export function columnSchemaOf({ kind, delimiter }: ValueType, nullable: boolean): ColumnSchema {
  const rest = nullable ? { nullable } : {}
  if (delimiter !== undefined) return { type: 'array', ...rest }
  switch (kind) {
    case 'json':
      return { type: 'object', ...rest }
    case 'timestamp':
      return { type: 'string', format: 'date-time', ...rest }
    case 'bytes':
    case 'text':
      return { type: 'string', ...rest }
    default:
      return { type: kind, ...rest }
  }
}
