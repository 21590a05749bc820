import type { ColumnSchema } from '@eds/core'
import type { TypeSupport } from '@eds/sql'
import * as common from '@eds/sql'
import type { PostgresCatalogColumn } from './catalog.js'
import * as own from './values.js'

const emptyJson = { empty: { array: '[]', object: '{}' } }

/** By `pg_type.typname`. */
const supportedTypes: Readonly<Record<string, TypeSupport>> = {
  text: { toText: common.toPlainText, ...emptyJson },
  varchar: { toText: common.toPlainText, ...emptyJson },
  bpchar: { toText: common.toPlainText, ...emptyJson },
  citext: { toText: common.toPlainText, ...emptyJson },
  int2: { toText: common.toSmallInteger },
  int4: { toText: common.toNormalInteger },
  int8: { toText: common.toBigInteger },
  numeric: { toText: common.toNumeric },
  float4: { toText: own.toReal },
  float8: { toText: own.toDouble },
  bool: { toText: own.toBoolean },
  json: { toText: common.toJson, ...emptyJson },
  jsonb: { toText: own.toJsonb, ...emptyJson },
  timestamptz: { toText: common.toTimestampWithZone },
  timestamp: { toText: common.toTimestamp },
  date: { toText: common.toDay },
  uuid: { toText: common.toUuid },
}

const arraySupport: TypeSupport = { toText: own.toArray, empty: { array: '{}' } }
const serverJudges: TypeSupport = { toText: common.toServerText }

/** JSON has no one way to write these, so that any choice could store something else than what was meant. */
const unsupportedTypes = new Set(['bytea', 'bit', 'varbit', 'tsvector', 'tsquery'])

/** How to write into a column of the database; `undefined` when EDS cannot. */
export function typeSupport({
  type,
  category,
}: Pick<PostgresCatalogColumn, 'type' | 'category'>): TypeSupport | undefined {
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
