import { stringifyJson } from '@eds/core'
import { Packr } from 'msgpackr'
import type { FormAnswer, HqDrivers } from './driver-forms.js'
import type { Notification } from './notification.js'

type Fields = Readonly<Record<string, unknown>>

/** Actions that HQ asks as a request and that are answered by JSON. */
export function isReplied(action: string): boolean {
  return action === 'configure' || action === 'driverconfig' || action === 'validate'
}

/** The fields of an answer to something that went wrong. Pure. */
export function failure(action: string, sessionId: string, message: string): Fields {
  const misspelt = action === 'validate' ? { messsage: message } : {}
  return { success: false, message, ...misspelt, sessionId, action }
}

/** The fields of the answer to an action that is done without a result of its own. Pure. */
export function done(notification: Notification, sessionId: string, message: string | undefined): Fields {
  const text = message === undefined ? {} : { message }
  if (notification.action === 'upgrade')
    return { success: true, ...text, sessionId, version: notification.data.version }
  return { success: true, ...text, sessionId, action: notification.action }
}

/** The fields of the answer to a `configure` that succeeded. Pure. */
export function configured(
  { maskedUrl, message }: { readonly maskedUrl: string; readonly message?: string },
  backfill: boolean,
  sessionId: string,
): Fields {
  return { success: true, ...(message === undefined ? {} : { message }), maskedURL: maskedUrl, sessionId, backfill }
}

/** The fields of the answer to `driverconfig`. Pure. */
export function driverList(drivers: HqDrivers, sessionId: string): Fields {
  return { drivers, sessionId }
}

/** HQ reads the message under a misspelt name; both are sent. Pure. */
export function validated(answer: FormAnswer, sessionId: string): Fields {
  if ('url' in answer) return { success: true, sessionId, url: answer.url }
  const { message, fieldErrors } = answer
  const errors = fieldErrors.length === 0 ? {} : { field_errors: fieldErrors }
  return { success: false, message, messsage: message, ...errors, sessionId }
}

const packr = new Packr({ useRecords: false, variableMapSize: true })

/** Fields as msgpack. Dates become timestamps. Pure. */
export function toMsgpack(fields: Fields): Uint8Array {
  return packr.pack(exactIntegers(fields))
}

/** Fields as JSON text. Pure. */
export function toJson(fields: Fields): string {
  return stringifyJson(fields) ?? '{}'
}

/** The library writes integers from 2^32 on as floats, which readers with integer types refuse; not so when they are bigints. */
function exactIntegers(value: unknown): unknown {
  if (typeof value === 'number')
    return Number.isSafeInteger(value) && Math.abs(value) >= 2 ** 31 ? BigInt(value) : value
  if (Array.isArray(value)) return value.map(exactIntegers)
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, exactIntegers(item)]))
}
