import { batchOverhead, type KafkaRecord } from './encode.js'

/** The records of one request to the cluster, by topic. */
export type RequestRecords = ReadonlyMap<string, readonly KafkaRecord[]>

/**
 * Cuts records into requests to be sent one after the other, because a broker bounds the size of what one request appends to a
 * partition (`max.message.bytes` is about batches of records). A record that alone is larger gets a request of its own.
 */
export function* splitRequests(
  topics: ReadonlyMap<string, readonly KafkaRecord[]>,
  maxBatchBytes: number,
  partitionsOf: (topic: string) => number,
): Generator<RequestRecords> {
  const pending = new Map([...topics].map(([topic, records]) => [topic, { records, partitions: partitionsOf(topic) }]))
  while (pending.size > 0) {
    const request = new Map<string, readonly KafkaRecord[]>()
    for (const [topic, { records, partitions }] of pending) {
      const count = fittingRecords(records, partitions, maxBatchBytes)
      request.set(topic, count === records.length ? records : records.slice(0, count))
      if (count === records.length) pending.delete(topic)
      else pending.set(topic, { records: records.slice(count), partitions })
    }
    yield request
  }
}

/** How many of the records, from the first on, fit into one batch per partition; at least one. */
function fittingRecords(records: readonly KafkaRecord[], partitions: number, maxBatchBytes: number): number {
  const bytes = new Array<number>(partitions).fill(batchOverhead)
  for (const [index, { hash, maxBytes }] of records.entries()) {
    const partition = hash % partitions
    const total = (bytes[partition] ?? batchOverhead) + maxBytes
    if (total > maxBatchBytes && index > 0) return index
    bytes[partition] = total
  }
  return records.length
}
