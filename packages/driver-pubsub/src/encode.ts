import { createHash } from 'node:crypto'
import { type ChangeEvent, EdsError, keyText, partitionKeyOf, type RowOwner } from '@eds/core'

/** One message, in the shape of `google.pubsub.v1.PubsubMessage`. */
export interface PubsubMessage {
  readonly data: Uint8Array
  readonly attributes: Readonly<Record<string, string>>
  readonly orderingKey?: string
}

/** https://cloud.google.com/pubsub/quotas#resource_limits */
export const limits = {
  requestBytes: 10_000_000,
  requestMessages: 1_000,
  orderingKeyBytes: 1_024,
  attributeValueBytes: 1_024,
} as const

/** Tags and lengths of one field of a message, at most. */
const fieldBytes = 12

/** How events become messages. */
export interface MessageOptions {
  /** With an ordering key. */
  readonly ordering: boolean
  /** Of every message, instead of those of the event. */
  readonly attributes?: Readonly<Record<string, string>> | undefined
}

/** The message of an event: its original bytes, with what a subscription's filter may want to know of it as attributes. */
export function encodeMessage(event: ChangeEvent, { ordering, attributes = attributesOf(event) }: MessageOptions) {
  const message: PubsubMessage = { data: event.bytes, attributes }
  return ordering ? { ...message, orderingKey: orderingKeyOf(event) } : message
}

function attributesOf({ table, operation, companyId, locationId, id, modelVersion }: ChangeEvent) {
  const attributes: Record<string, string> = {}
  for (const [name, value] of Object.entries({ table, operation, companyId, locationId, id, modelVersion })) {
    if (value) attributes[name] = boundText(value, limits.attributeValueBytes)
  }
  return attributes
}

/**
 * The event's partition key within the limit of ordering keys. Company and location are the row's where it names them, since an event
 * may leave them out, and changes of a row must share a key.
 */
export function orderingKeyOf(event: ChangeEvent): string {
  return boundText(partitionKeyOf(event, ownerOf(event)), limits.orderingKeyBytes)
}

function ownerOf({ before, after, companyId, locationId }: ChangeEvent): RowOwner {
  const company = keyText(after?.companyId) ?? keyText(before?.companyId) ?? companyId
  const location = keyText(after?.locationId) ?? keyText(before?.locationId) ?? locationId
  return {
    ...(company === undefined ? {} : { companyId: company }),
    ...(location === undefined ? {} : { locationId: location }),
  }
}

/**
 * The text itself when its UTF-8 form has no more than `maxBytes` bytes; otherwise as much of its beginning as leaves room for `~` and
 * the SHA-256 of the whole as base64url (43 characters). Half a surrogate pair, which UTF-8 cannot hold, becomes U+FFFD.
 */
export function boundText(text: string, maxBytes: number): string {
  // A UTF-16 unit takes at most three bytes.
  if (text.length * 3 <= maxBytes && !/[\ud800-\udfff]/.test(text)) return text
  const bytes = Buffer.from(text)
  if (bytes.length <= maxBytes) return bytes.toString()
  const digest = createHash('sha256').update(bytes).digest('base64url')
  let end = maxBytes - digest.length - 1
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  return `${bytes.toString('utf8', 0, end)}~${digest}`
}

/** Bytes that a message takes in a request, at most. */
export function messageBytes({ data, attributes, orderingKey }: PubsubMessage): number {
  let bytes = data.length + 2 * fieldBytes
  for (const [name, value] of Object.entries(attributes))
    bytes += name.length + Buffer.byteLength(value) + 2 * fieldBytes
  return orderingKey === undefined ? bytes : bytes + Buffer.byteLength(orderingKey) + fieldBytes
}

/** The largest message that fits into a request to this topic. */
export function maxMessageBytes(topic: string): number {
  return limits.requestBytes - Buffer.byteLength(topic) - fieldBytes
}

/** The failure of an event whose message is larger than Pub/Sub takes. */
export function tooLarge({ table, id }: ChangeEvent, bytes: number, maxBytes: number): EdsError {
  const size = bytes.toLocaleString('en-US')
  const most = maxBytes.toLocaleString('en-US')
  return new EdsError('record', `Pub/Sub: the message of event "${id}" of table "${table}" has ${size} bytes`, {
    table,
    fix: `Pub/Sub takes ${most} bytes at most, attributes included; make the row smaller or exclude the table`,
  })
}
