import { ExactNumber, parseJson, stringifyJson } from '@eds/core'
import { Unpackr } from 'msgpackr'

const unpackr = new Unpackr({ int64AsType: 'bigint', mapsAsObjects: true, useRecords: false })

/**
 * MessagePack → the same event as JSON text. Integers keep all their digits, times become RFC 3339, binary becomes base64. A row
 * image that was packed as binary JSON text (as a program does that keeps rows unparsed) is put in as the object that it is.
 *
 * @throws Error when it is no MessagePack, not a map, or holds what JSON cannot.
 */
export function msgpackToJson(packed: Uint8Array): string {
  const event: unknown = unpackr.unpack(packed)
  if (!isMap(event)) throw new Error('not a map')
  const fields = Object.entries(event).map(([name, value]) => [
    name,
    isImage(name, value) ? rowOf(value) : plain(value),
  ])
  return stringifyJson(Object.fromEntries(fields)) ?? ''
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isImage(name: string, value: unknown): value is Uint8Array {
  return (name === 'before' || name === 'after') && value instanceof Uint8Array
}

function rowOf(bytes: Uint8Array): unknown {
  return parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return new ExactNumber(String(value))
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`the number ${value} is not JSON`)
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map(plain)
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field)]))
}
