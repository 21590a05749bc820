import { maskText } from '@eds/core'
import { z } from 'zod'
import type { CommandCall } from '../command.js'
import { parseDuration } from '../duration.js'
import { usageError } from '../exit-codes.js'

/** What the values of options look like; the error message says what was expected. */
export const text = z.string('needs a value').min(1, 'needs a value')
export const texts = z.array(text)
export const flag = z.boolean()
export const duration = text.transform((value, context) => {
  const milliseconds = parseDuration(value)
  if (milliseconds !== undefined) return milliseconds
  context.addIssue('must be a duration such as 250ms, 2s or 24h')
  return z.NEVER
})

/** A time as RFC 3339 writes it; read as epoch milliseconds. */
export const rfc3339 = text.transform((value, context) => {
  const time = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.test(value)
    ? Date.parse(value.replace(' ', 'T').toUpperCase())
    : Number.NaN
  if (!Number.isNaN(time)) return time
  context.addIssue('must be a time such as 2024-07-01T12:00:00Z')
  return z.NEVER
})

export function wholeNumber(from: number, to = Number.MAX_SAFE_INTEGER): z.ZodType<number> {
  const range = to === Number.MAX_SAFE_INTEGER ? `, ${from} or more` : ` from ${from} to ${to}`
  return text.transform((value, context) => {
    const number = /^\d+$/.test(value) ? Number(value) : Number.NaN
    if (number >= from && number <= to) return number
    context.addIssue(`must be a whole number${range}`)
    return z.NEVER
  })
}

export function oneOf<const T extends string>(...values: readonly [T, ...T[]]): z.ZodType<T> {
  return z.enum(values, `must be ${values.join(' or ')}`)
}

/**
 * Reads the options of a call by a schema. Options that the schema does not name are left alone.
 *
 * @throws CommandFailure (exit code 3) that names the first option at fault.
 */
export function readOptions<T>(schema: z.ZodType<T>, call: Pick<CommandCall, 'options' | 'flagOf'>): T {
  const parsed = schema.safeParse(call.options)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const option = String(issue?.path[0] ?? '')
  const value = call.options[option]
  const given = typeof value === 'string' ? ` ${JSON.stringify(maskText(value))}` : ''
  throw usageError(`${call.flagOf(option)}${given} ${issue?.message ?? 'is wrong'}`)
}
