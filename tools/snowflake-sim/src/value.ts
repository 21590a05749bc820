import type { JsonValue } from '@eds/core'

/** An exact number: `unscaled / 10^scale`. */
export class Decimal {
  readonly unscaled: bigint
  readonly scale: number

  constructor(unscaled: bigint, scale = 0) {
    this.unscaled = unscaled
    this.scale = scale
  }

  toString(): string {
    const digits = (this.unscaled < 0n ? -this.unscaled : this.unscaled).toString().padStart(this.scale + 1, '0')
    const cut = digits.length - this.scale
    const sign = this.unscaled < 0n ? '-' : ''
    return this.scale === 0 ? sign + digits : `${sign}${digits.slice(0, cut)}.${digits.slice(cut)}`
  }
}

/** Nanoseconds since 1970 (of the wall clock for NTZ, of the instant otherwise) and, for TZ, the zone's offset. */
export class Timestamp {
  readonly nanos: bigint
  readonly offsetMinutes: number

  constructor(nanos: bigint, offsetMinutes = 0) {
    this.nanos = nanos
    this.offsetMinutes = offsetMinutes
  }
}

/** Days since 1970-01-01. */
export class CalendarDate {
  readonly days: number

  constructor(days: number) {
    this.days = days
  }
}

/** A VARIANT, OBJECT or ARRAY; its JSON null differs from SQL NULL. */
export class Variant {
  readonly json: JsonValue

  constructor(json: JsonValue) {
    this.json = json
  }
}

/** A stored or computed value; a plain `number` is a FLOAT. */
export type Value = null | string | boolean | number | Decimal | Timestamp | CalendarDate | Variant | Uint8Array
export type Row = readonly Value[]
