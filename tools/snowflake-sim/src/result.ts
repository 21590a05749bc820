import type { ScopeColumn } from './scope.js'
import { type SqlType, textType } from './sql-type.js'
import { epochSeconds } from './timestamp.js'
import { CalendarDate, Decimal, type Row, Timestamp, type Value, Variant } from './value.js'
import { writeJson } from './variant.js'

/** What a statement produced, before it is written for the client. */
export interface Outcome {
  readonly columns: readonly { readonly name: string; readonly type: SqlType; readonly nullable?: boolean }[]
  readonly rows: readonly Row[]
  readonly statementType: number
}

export const statementTypes = {
  select: 0x1000,
  insert: 0x3100,
  update: 0x3200,
  delete: 0x3300,
  merge: 0x3400,
  copy: 0x3600,
  transaction: 0x5000,
  set: 0x4000,
  definition: 0x6000,
  multiple: 0xa000,
} as const

const countType: SqlType = { name: 'NUMBER', precision: 19, scale: 0 }

/** One row of counts: `[["number of rows inserted", 3]]`. */
export function countsOutcome(counts: readonly (readonly [string, number])[], statementType: number): Outcome {
  return {
    columns: counts.map(([name]) => ({ name, type: countType, nullable: false })),
    rows: [counts.map(([, count]) => new Decimal(BigInt(count)))],
    statementType,
  }
}

export function statusOutcome(text: string, statementType: number = statementTypes.definition): Outcome {
  return { columns: [{ name: 'status', type: textType }], rows: [[text]], statementType }
}

export const queryOutcome = (columns: readonly ScopeColumn[], rows: readonly Row[]): Outcome => ({
  columns,
  rows,
  statementType: statementTypes.select,
})

const wireNames: Readonly<Record<SqlType['name'], string>> = {
  NUMBER: 'fixed',
  TEXT: 'text',
  BINARY: 'binary',
  FLOAT: 'real',
  BOOLEAN: 'boolean',
  DATE: 'date',
  VARIANT: 'variant',
  OBJECT: 'object',
  ARRAY: 'array',
  TIMESTAMP_NTZ: 'timestamp_ntz',
  TIMESTAMP_LTZ: 'timestamp_ltz',
  TIMESTAMP_TZ: 'timestamp_tz',
}

/** Column metadata as the client expects it in `rowtype`. */
export function writeColumn({ name, type, nullable = true }: Outcome['columns'][number]) {
  const numeric = type.name === 'NUMBER'
  const sized = 'length' in type
  return {
    name,
    type: wireNames[type.name],
    nullable,
    precision: numeric ? type.precision : null,
    scale: 'scale' in type ? type.scale : null,
    length: sized ? type.length : null,
    byteLength: sized ? (type.name === 'TEXT' ? Math.min(type.length * 4, 16_777_216) : type.length) : null,
    database: '',
    schema: '',
    table: '',
    collation: null,
  }
}

/** A value as JSON results carry it: always a text or null. */
export function writeValue(value: Value, type: SqlType): string | null {
  if (value === null) return null
  if (typeof value === 'boolean') return value ? '1' : '0'
  if (value instanceof CalendarDate) return String(value.days)
  if (value instanceof Variant) return writeJson(value.json, 2)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex').toUpperCase()
  if (value instanceof Timestamp) {
    const seconds = epochSeconds(value, 'scale' in type ? type.scale : 9)
    return type.name === 'TIMESTAMP_TZ' ? `${seconds} ${value.offsetMinutes + 1440}` : seconds
  }
  if (typeof value === 'number' && Number.isNaN(value)) return 'NaN'
  return String(value)
}
