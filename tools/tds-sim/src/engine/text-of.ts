import { formatDays, formatOffset, formatTicks, formatTime, ticksPerMinute } from './moments.js'
import type { OffsetMoment, SqlType, Value } from './types.js'

/** A value as text, as CAST(… AS NVARCHAR) writes it. */
export function textOf(value: Exclude<Value, null>, type: SqlType): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return floatText(value)
  if (typeof value === 'bigint') return integerText(value, type)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf16le')
  return offsetText(value, type)
}

function integerText(value: bigint, type: SqlType): string {
  switch (type.name) {
    case 'decimal':
      return decimalText(value, type.scale)
    case 'date':
      return formatDays(value)
    case 'time':
      return formatTime(value, type.scale)
    case 'datetime':
      return formatTicks(value, 3)
    case 'datetime2':
      return formatTicks(value, type.scale)
    default:
      return value.toString()
  }
}

function offsetText(moment: OffsetMoment, type: SqlType): string {
  const local = moment.ticks + BigInt(moment.offsetMinutes) * ticksPerMinute
  return `${formatTicks(local, type.scale)} ${formatOffset(moment.offsetMinutes)}`
}

/** Six digits, as SQL Server writes a FLOAT when it must become text. */
function floatText(value: number): string {
  if (value === 0) return '0'
  const magnitude = Math.abs(value)
  if (magnitude >= 1e-4 && magnitude < 1e6) return Number(value.toPrecision(6)).toString()
  const [digits = '0', exponent = '+0'] = value.toExponential(5).split('e')
  const sign = exponent.startsWith('-') ? '-' : '+'
  return `${Number(digits)}e${sign}${exponent.slice(1).padStart(3, '0')}`
}

function decimalText(unscaled: bigint, scale: number): string {
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0')
  const sign = unscaled < 0n ? '-' : ''
  if (scale === 0) return sign + digits
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}
