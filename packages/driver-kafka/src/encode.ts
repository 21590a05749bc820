import { type ChangeEvent, changeNameOf, EdsError, partitionKeyOf, type WriteFailure } from '@eds/core'
import type { PartitionHash } from './partition.js'
import { isTopicName, topicFor } from './topic.js'

/** One message for the broker. */
export interface KafkaRecord {
  readonly key: string
  /** Null tells a compacted topic to forget the key. */
  readonly value: Buffer | null
  readonly headers: { readonly 'eds-partitionkey': string }
  /** Chooses the partition, modulo how many there are. */
  readonly hash: number
  /** At most so many bytes in a batch of records, uncompressed. */
  readonly maxBytes: number
}

export interface EncodeOptions {
  readonly topic: string
  readonly tombstones: boolean
  readonly maxMessageBytes: number
  readonly compression: string
}

export interface EncodedBatch {
  /** By topic, in the order of the events. */
  readonly topics: ReadonlyMap<string, readonly KafkaRecord[]>
  readonly failures: readonly WriteFailure[]
}

/** Lengths, attributes, time and offset of a record, and the name of the header. https://kafka.apache.org/documentation/#record */
const recordOverhead = 64
/** Header of a batch of records. https://kafka.apache.org/documentation/#recordbatch */
export const batchOverhead = 61

/**
 * Events → messages. An event that can never be sent is among the failures.
 *
 * @throws EdsError `record` with its index when such an event is followed by another of its row, which must not overtake it.
 */
export function encodeBatch(
  events: readonly ChangeEvent[],
  options: EncodeOptions,
  hashOf: PartitionHash,
): EncodedBatch {
  const topics = new Map<string, KafkaRecord[]>()
  const failures: WriteFailure[] = []
  const failedRows = new Map<string, WriteFailure>()
  for (const [index, event] of events.entries()) {
    const failed = failedRows.size === 0 ? undefined : failedRows.get(event.rowKey)
    if (failed !== undefined) throw recordError(failed.error.message, { index: failed.index, fix: failed.error.fix })
    const topic = topicFor(options.topic, event.table)
    const record = encodeRecord(event, options, hashOf)
    const error = refusal(topic, record, event, options)
    if (error === undefined) {
      const records = topics.get(topic)
      if (records === undefined) topics.set(topic, [record])
      else records.push(record)
    } else {
      failures.push({ index, error })
      failedRows.set(event.rowKey, { index, error })
    }
  }
  return { topics, failures }
}

function encodeRecord(event: ChangeEvent, { tombstones }: EncodeOptions, hashOf: PartitionHash): KafkaRecord {
  const partitionKey = partitionKeyOf(event)
  const key = tombstones ? compactionKeyOf(event, partitionKey) : changeNameOf(event, event.id)
  const value = tombstones && event.operation === 'DELETE' ? null : bufferOf(event.bytes)
  const maxBytes =
    recordOverhead + Buffer.byteLength(key) + Buffer.byteLength(partitionKey) + (value === null ? 0 : value.length)
  return { key, value, headers: { 'eds-partitionkey': partitionKey }, hash: hashOf(partitionKey), maxBytes }
}

/**
 * The message key by which a compacted topic forgets older changes of a row: its partition key. That holds only the last column of
 * a key of several, so the others are put behind it: rows that differ must never replace each other.
 */
function compactionKeyOf({ key }: ChangeEvent, partitionKey: string): string {
  return key.length <= 2 ? partitionKey : `${partitionKey}#${JSON.stringify(key.slice(1))}`
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function refusal(
  topic: string,
  record: KafkaRecord,
  { table }: ChangeEvent,
  { maxMessageBytes, compression }: EncodeOptions,
): EdsError | undefined {
  if (!isTopicName(topic)) {
    const fix = 'rename the table with a transform, or send all tables to one topic'
    return recordError(`Kafka takes no topic named "${topic}" (table "${table}")`, { fix })
  }
  const bytes = record.maxBytes + batchOverhead
  // What is compressed may well fit: the broker will tell.
  if (bytes <= maxMessageBytes || compression !== 'none') return undefined
  const fix = `raise max.message.bytes of topic "${topic}" and maxMessageBytes of the destination`
  return recordError(`the event for table "${table}" needs ${bytes} bytes, more than ${maxMessageBytes}`, { fix })
}

function recordError(message: string, { index, fix }: { index?: number; fix: string | undefined }): EdsError {
  return new EdsError('record', message, {
    ...(index === undefined ? {} : { index }),
    ...(fix === undefined ? {} : { fix }),
  })
}
