import { isUtf8 } from 'node:buffer'
import { EdsError } from '../errors.js'
import type { ChangeEvent, Operation, Row } from '../event.js'
import { ExactNumber } from '../json.js'
import { rowKeyOf } from '../key.js'
import type { Delivery } from '../source.js'
import { parseJson } from './parse-json.js'

/**
 * Parses one delivery into a change event. Numbers that a double cannot hold become `ExactNumber`; all others are plain.
 *
 * @throws EdsError `record` that says what is wrong with the message.
 */
export function decodeEvent(delivery: Delivery): ChangeEvent {
  return new DecodedEvent(parseDelivery(delivery), delivery)
}

/** What can still be said about a message that is no valid event: enough to keep later changes of its row behind it. */
export function identify(delivery: Delivery): { table?: string; rowKey?: string } {
  try {
    const { table, key, before, after } = parseDelivery(delivery)
    if (typeof table !== 'string') return {}
    if (!isTextArray(key) || (key.length === 0 && !isRow(after) && !isRow(before))) return { table }
    const images = { ...(isRow(before) && { before }), ...(isRow(after) && { after }) }
    return { table, rowKey: rowKeyOf({ table, key, ...images }) }
  } catch {
    return {}
  }
}

type Wire = Readonly<Record<string, unknown>>

function parseDelivery(delivery: Delivery): Wire {
  if (delivery.defect !== undefined) throw new EdsError('record', delivery.defect)
  const { bytes } = delivery
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const text = buffer.toString('utf8')
  // What is not UTF-8 becomes U+FFFD, which few texts hold: only those are looked at again.
  if (text.includes('\ufffd') && !isUtf8(bytes)) throw new EdsError('record', 'the message is not UTF-8 text')
  const value = parseJson(text)
  if (!isRow(value)) throw new EdsError('record', 'the message is not a JSON object')
  return value
}

function operationOf(value: unknown): Operation {
  if (value === 'INSERT' || value === 'UPDATE' || value === 'DELETE') return value
  throw invalid('operation', 'INSERT, UPDATE or DELETE')
}

function requiredText(value: unknown, name: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw invalid(name, 'a text that is not empty')
}

function text(value: unknown, name: string): string {
  if (typeof value === 'string') return value
  throw invalid(name, 'a text')
}

function textList(value: unknown, name: string): readonly string[] {
  if (isTextArray(value)) return value
  throw invalid(name, 'an array of strings')
}

function row(value: unknown, name: string): Row {
  if (isRow(value)) return value
  throw invalid(name, 'an object')
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber)
}

function isTextArray(value: unknown): value is readonly string[] {
  if (!Array.isArray(value)) return false
  for (const element of value) if (typeof element !== 'string') return false
  return true
}

function invalid(name: string, expected: string): EdsError {
  return new EdsError('record', `not a change event: "${name}" must be ${expected}`)
}

/** A class, so that all events share one shape, and position and row key are made only when somebody asks. */
class DecodedEvent implements ChangeEvent {
  readonly operation: Operation
  readonly id: string
  readonly table: string
  readonly key: readonly string[]
  readonly modelVersion: string
  declare readonly companyId?: string
  declare readonly locationId?: string
  declare readonly userId?: string
  declare readonly before?: Row
  declare readonly after?: Row
  declare readonly diff?: readonly string[]
  readonly timestamp: number
  readonly mvccTimestamp: string
  declare readonly imported?: boolean
  readonly bytes: Uint8Array
  readonly #delivery: Delivery
  #rowKey: string | undefined

  /** Checks by hand: it runs once per event. */
  constructor(wire: Wire, delivery: Delivery) {
    this.operation = operationOf(wire.operation)
    this.id = requiredText(wire.id, 'id')
    this.table = requiredText(wire.table, 'table')
    this.key = textList(wire.key ?? [], 'key')
    this.modelVersion = requiredText(wire.modelVersion, 'modelVersion')
    const { companyId, locationId, userId, before, after, diff } = wire
    if (isGiven(companyId)) this.companyId = text(companyId, 'companyId')
    if (isGiven(locationId)) this.locationId = text(locationId, 'locationId')
    if (isGiven(userId)) this.userId = text(userId, 'userId')
    if (isGiven(before)) this.before = row(before, 'before')
    if (isGiven(after)) this.after = row(after, 'after')
    else if (this.operation !== 'DELETE') throw invalid('after', `an object on ${this.operation}`)
    if (isTextArray(diff)) this.diff = diff
    if (typeof wire.timestamp !== 'number') throw invalid('timestamp', 'a number (epoch milliseconds)')
    this.timestamp = wire.timestamp
    this.mvccTimestamp = requiredText(wire.mvccTimestamp, 'mvccTimestamp')
    if (wire.imported === true) this.imported = true
    if (this.key.length === 0 && !isGiven((this.after ?? this.before)?.id)) {
      throw new EdsError('record', 'the event names no row: "key" is empty and there is no "id"')
    }
    this.bytes = delivery.bytes
    this.#delivery = delivery
  }

  get position(): string {
    return this.#delivery.position
  }

  get rowKey(): string {
    this.#rowKey ??= rowKeyOf(this)
    return this.#rowKey
  }
}
