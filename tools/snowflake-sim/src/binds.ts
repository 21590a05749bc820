import { castValue } from './cast.js'
import { parseDecimal } from './decimal.js'
import type { BindRows } from './dml.js'
import { SqlError, unsupported } from './sql-error.js'
import { booleanType, floatType, integerType, maxTextLength, type SqlType, textType } from './sql-type.js'
import type { Value } from './value.js'

/** `bindings` as the client sends them: `{"1": {type: "TEXT", value: "a" or ["a", "b"]}}`. */
export type WireBinds = Readonly<Record<string, { readonly type: string; readonly value: unknown }>>

const types: Readonly<Record<string, SqlType>> = { FIXED: integerType, REAL: floatType, BOOLEAN: booleanType }

/** The binds of one request: single values, or one array per bind with a value for each row. */
export class Binds implements BindRows {
  readonly rowCount: number
  private readonly columns: ReadonlyMap<number, { readonly type: SqlType; readonly values: readonly unknown[] }>
  private readonly arrays: boolean
  private row = 0

  constructor(wire: WireBinds = {}) {
    const entries = Object.entries(wire)
    this.arrays = entries.some(([, bind]) => Array.isArray(bind.value))
    const lists = entries.map(([index, bind]) => [Number(index), bind.type, asList(bind.value)] as const)
    this.rowCount = Math.max(0, ...lists.map(([, , values]) => values.length))
    this.columns = new Map(lists.map(([index, type, values]) => [index, { type: bindType(type, values), values }]))
  }

  each(run: () => void): void {
    for (this.row = 0; this.row < Math.max(1, this.rowCount); this.row += 1) run()
    this.row = 0
  }

  /** Arrays are for INSERT … VALUES alone. */
  refuseArrays(): void {
    if (this.arrays) throw unsupported('array binds outside INSERT … VALUES')
  }

  bind(index: number) {
    const column = this.columns.get(index)
    if (column === undefined) {
      throw new SqlError(
        '002049',
        '42601',
        `SQL compilation error: error line 1 at position 0\nBind variable ? not set.`,
      )
    }
    return { type: column.type, value: () => bindValue(column.values[this.row], column.type) }
  }
}

const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value])

/** A column of NULLs alone has no type of its own. */
function bindType(name: string, values: readonly unknown[]): SqlType {
  if (values.every((value) => value === null || value === undefined)) return textType
  return types[name] ?? { name: 'TEXT', length: maxTextLength }
}

function bindValue(value: unknown, type: SqlType): Value {
  if (value === null || value === undefined) return null
  const text = wellFormed(String(value))
  if (type.name === 'TEXT') return text
  // A column of FIXED binds may hold fractions: the client looks at the first row alone.
  return type.name === 'NUMBER' ? parseDecimal(text) : castValue(text, textType, type)
}

/** Text is stored as UTF-8, which has no lone surrogates. */
const wellFormed = (text: string) => (/[\ud800-\udfff]/.test(text) ? Buffer.from(text).toString() : text)
