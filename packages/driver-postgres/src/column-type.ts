import type { ColumnSchema } from '@eds/core'
import type { CatalogColumn } from './catalog.js'
import * as values from './values.js'

/** How values get into a column of some type. */
export interface TypeSupport {
  readonly toText: values.ToText
  /** What stands for an empty array in a column that cannot be null, when the type has such a thing. */
  readonly emptyArray?: string
  readonly emptyObject?: string
}

const emptyJson = { emptyArray: '[]', emptyObject: '{}' }

/** By `pg_type.typname`. */
const supportedTypes: Readonly<Record<string, TypeSupport>> = {
  text: { toText: values.toPlainText, ...emptyJson },
  varchar: { toText: values.toPlainText, ...emptyJson },
  bpchar: { toText: values.toPlainText, ...emptyJson },
  citext: { toText: values.toPlainText, ...emptyJson },
  int2: { toText: values.toSmallInteger },
  int4: { toText: values.toNormalInteger },
  int8: { toText: values.toBigInteger },
  numeric: { toText: values.toNumeric },
  float4: { toText: values.toReal },
  float8: { toText: values.toDouble },
  bool: { toText: values.toBoolean },
  json: { toText: values.toJson, ...emptyJson },
  jsonb: { toText: values.toJsonb, ...emptyJson },
  timestamptz: { toText: values.toTimestampWithZone },
  timestamp: { toText: values.toTimestamp },
  date: { toText: values.toDay },
  uuid: { toText: values.toUuid },
}

const arraySupport: TypeSupport = { toText: values.toArray, emptyArray: '{}' }
const serverJudges: TypeSupport = { toText: values.toServerText }

/** JSON has no one way to write these, so that any choice could store something else than what was meant. */
const unsupportedTypes = new Set(['bytea', 'bit', 'varbit', 'tsvector', 'tsquery'])

/** How to write into a column of the database; `undefined` when EDS cannot. */
export function typeSupport({ type, category }: Pick<CatalogColumn, 'type' | 'category'>): TypeSupport | undefined {
  if (unsupportedTypes.has(type)) return undefined
  if (category === 'A') return unsupportedTypes.has(type.replace(/^_/, '')) ? undefined : arraySupport
  return Object.hasOwn(supportedTypes, type) ? supportedTypes[type] : serverJudges
}

/** The type of a column that EDS creates. */
export function columnType({ type, format, items }: ColumnSchema): string {
  switch (type) {
    case 'string':
      return format === 'date-time' ? 'TIMESTAMPTZ' : 'TEXT'
    case 'integer':
      return 'BIGINT'
    case 'number':
      return 'DOUBLE PRECISION'
    case 'boolean':
      return 'BOOLEAN'
    case 'object':
      return 'JSONB'
    case 'array':
      return items?.enum === undefined ? 'JSONB' : 'VARCHAR(64)'
  }
}
