import * as moments from './moments.js'
import { operandClash, SqlError } from './sql-error.js'
import { displayName, isText, type OffsetMoment, type SqlType, type Value } from './types.js'

/** Converts to DATE, TIME, DATETIME, DATETIME2 or DATETIMEOFFSET. */
export function convertToMoment(value: Exclude<Value, null>, from: SqlType, to: SqlType): Value {
  const moment = readMoment(value, from, to)
  if (to.name === 'date') return checkDays(moment.days ?? moments.datetimeEpochDays, to)
  if (to.name === 'time') return moments.roundTicks(moment.timeTicks, to.scale) % moments.ticksPerDay
  const local = (moment.days ?? moments.datetimeEpochDays) * moments.ticksPerDay + moment.timeTicks
  if (to.name === 'datetime') return checkTicks(moments.roundToDatetime(local), to)
  const rounded = checkTicks(moments.roundTicks(local, to.scale), to)
  if (to.name === 'datetime2') return rounded
  const offsetMinutes = moment.offsetMinutes ?? 0
  return { ticks: rounded - BigInt(offsetMinutes) * moments.ticksPerMinute, offsetMinutes }
}

function readMoment(value: Exclude<Value, null>, from: SqlType, to: SqlType): moments.ParsedMoment {
  if (typeof value === 'string' && isText(from)) {
    const parsed = moments.parseMoment(value)
    if (parsed) return parsed
    throw new SqlError(241, 'Conversion failed when converting date and/or time from character string.', {
      reach: 'transaction',
    })
  }
  if (isOffsetMoment(value)) {
    const local = value.ticks + BigInt(value.offsetMinutes) * moments.ticksPerMinute
    return { ...splitTicks(local), offsetMinutes: value.offsetMinutes }
  }
  if (typeof value !== 'bigint') throw operandClash(displayName(from), to.name)
  if (from.name === 'date') return { days: value, timeTicks: 0n }
  if (from.name === 'time') return { timeTicks: value }
  if (from.name === 'datetime' || from.name === 'datetime2') return splitTicks(value)
  throw operandClash(displayName(from), to.name)
}

function isOffsetMoment(value: Exclude<Value, null>): value is OffsetMoment {
  return typeof value === 'object' && !(value instanceof Uint8Array)
}

function splitTicks(ticks: bigint): moments.ParsedMoment {
  return { days: ticks / moments.ticksPerDay, timeTicks: ticks % moments.ticksPerDay }
}

function checkTicks(ticks: bigint, to: SqlType): bigint {
  checkDays(ticks / moments.ticksPerDay, to)
  return ticks
}

function checkDays(days: bigint, to: SqlType): bigint {
  const first = to.name === 'datetime' ? moments.firstDatetimeDay : 0n
  if (days >= first && days < moments.endOfTimeDays) return days
  throw new SqlError(
    242,
    `The conversion of a date data type to a ${to.name} data type resulted in an out-of-range value.`,
  )
}
