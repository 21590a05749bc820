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
  return new DecodedEvent(toFields(parseDelivery(delivery)), delivery)
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
  if (!isUtf8(bytes)) throw new EdsError('record', 'the message is not UTF-8 text')
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const value = parseJson(buffer.toString('utf8'))
  if (!isRow(value)) throw new EdsError('record', 'the message is not a JSON object')
  return value
}

/** The wire fields, checked. Written out by hand: it runs once per event. */
interface Fields {
  readonly operation: Operation
  readonly id: string
  readonly table: string
  readonly key: readonly string[]
  readonly modelVersion: string
  readonly companyId: string | undefined
  readonly locationId: string | undefined
  readonly userId: string | undefined
  readonly before: Row | undefined
  readonly after: Row | undefined
  readonly diff: readonly string[] | undefined
  readonly timestamp: number
  readonly mvccTimestamp: string
  readonly imported: boolean | undefined
}

function toFields(wire: Wire): Fields {
  const operation = operationOf(wire.operation)
  const before = optionalRow(wire.before, 'before')
  const after = optionalRow(wire.after, 'after')
  const key = wire.key ?? []
  if (!isTextArray(key)) throw invalid('key', 'an array of strings')
  if (operation !== 'DELETE' && after === undefined) throw invalid('after', `an object on ${operation}`)
  const id = (after ?? before)?.id
  if (key.length === 0 && (id === undefined || id === null))
    throw new EdsError('record', 'the event names no row: "key" is empty and there is no "id"')
  if (typeof wire.timestamp !== 'number') throw invalid('timestamp', 'a number (epoch milliseconds)')
  return {
    operation,
    id: requiredText(wire.id, 'id'),
    table: requiredText(wire.table, 'table'),
    key,
    modelVersion: requiredText(wire.modelVersion, 'modelVersion'),
    companyId: optionalText(wire.companyId, 'companyId'),
    locationId: optionalText(wire.locationId, 'locationId'),
    userId: optionalText(wire.userId, 'userId'),
    before,
    after,
    diff: isTextArray(wire.diff) ? wire.diff : undefined,
    timestamp: wire.timestamp,
    mvccTimestamp: requiredText(wire.mvccTimestamp, 'mvccTimestamp'),
    imported: wire.imported === true ? true : undefined,
  }
}

function operationOf(value: unknown): Operation {
  if (value === 'INSERT' || value === 'UPDATE' || value === 'DELETE') return value
  throw invalid('operation', 'INSERT, UPDATE or DELETE')
}

function requiredText(value: unknown, name: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw invalid(name, 'a text that is not empty')
}

function optionalText(value: unknown, name: string): string | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string') return value
  throw invalid(name, 'a text')
}

function optionalRow(value: unknown, name: string): Row | undefined {
  if (value === undefined || value === null) return undefined
  if (isRow(value)) return value
  throw invalid(name, 'an object')
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber)
}

function isTextArray(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((element) => typeof element === 'string')
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

  constructor(fields: Fields, delivery: Delivery) {
    this.operation = fields.operation
    this.id = fields.id
    this.table = fields.table
    this.key = fields.key
    this.modelVersion = fields.modelVersion
    if (fields.companyId !== undefined) this.companyId = fields.companyId
    if (fields.locationId !== undefined) this.locationId = fields.locationId
    if (fields.userId !== undefined) this.userId = fields.userId
    if (fields.before !== undefined) this.before = fields.before
    if (fields.after !== undefined) this.after = fields.after
    if (fields.diff !== undefined) this.diff = fields.diff
    this.timestamp = fields.timestamp
    this.mvccTimestamp = fields.mvccTimestamp
    if (fields.imported !== undefined) this.imported = fields.imported
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
