import { createPipeline, decodeEvent, memoryState, partitionKeyOf, sink } from '@eds/core'
import { shopEvents } from '@eds/shop'
import { MemoryStream, memorySource } from '@eds/testkit'
import { type PrivateServer, startKafka } from '@eds/tool-services'
import { requireExecutable } from '@eds/tool-services/vitest'
import { afterAll, beforeAll, expect, it } from 'vitest'
import kafka from '../src/index.js'
import { type ReadMessage, readTopic } from './fixtures/consume.js'

const count = Number(process.env.EDS_TEST_EVENTS ?? 3_000)
const restarts = 3
const needed = await requireExecutable('kafka')

/** Delivers the events and kills the broker after each quarter of them. Tells how often the lane tried again. */
async function deliver(events: readonly Uint8Array[], server: PrivateServer, topic: string): Promise<number> {
  const stream = new MemoryStream()
  const end = new AbortController()
  const restarting: Promise<void>[] = []
  let delivered = 0
  let retries = 0
  const pipeline = createPipeline({
    source: memorySource(stream),
    sinks: [sink(kafka, `${server.url}/${topic}?requestTimeoutMs=5000`, { maxBatchEvents: 500 })],
    state: memoryState(),
    start: { at: 'beginning' },
    retry: { maxMs: 500 },
    metrics: {
      onBatch: (_, batch) => {
        delivered += batch.events
        const quarter = Math.floor((delivered * (restarts + 1)) / count)
        if (quarter > restarting.length && restarting.length < restarts) restarting.push(server.restart('SIGKILL'))
        if (delivered >= count) end.abort()
      },
      onState: (_, state) => {
        if (state === 'retrying') retries++
      },
    },
  })
  stream.publish(events)
  await pipeline.run({ signal: end.signal })
  await Promise.all(restarting)
  return retries
}

/**
 * What is stored of one partition key must be its events in order, where a batch may have been repeated: each step goes to the next
 * event, or back to one that was there before.
 */
function expectInOrder(stored: readonly number[], expected: readonly number[]): void {
  let reached = -1
  for (const [at, sequence] of stored.entries()) {
    const index = expected.indexOf(sequence)
    const before = at === 0 ? -1 : expected.indexOf(stored[at - 1] ?? -1)
    expect(index === before + 1 || index <= reached, `event ${sequence} behind ${stored[at - 1]}`).toBe(true)
    reached = Math.max(reached, index)
  }
  expect(stored.at(-1)).toBe(expected.at(-1))
  expect(reached).toBe(expected.length - 1)
}

function bySequence(messages: readonly ReadMessage[], sequences: ReadonlyMap<string, number>): Map<string, number[]> {
  const stored = new Map<string, number[]>()
  for (const { key, value, headers } of messages) {
    const sequence = sequences.get(value?.toString('latin1') ?? '')
    expect(sequence, `the bytes of ${key} are those of an event`).toBeDefined()
    const partitionKey = String(headers?.['eds-partitionkey'])
    stored.set(partitionKey, [...(stored.get(partitionKey) ?? []), sequence ?? -1])
  }
  return stored
}

needed.describe('a broker that is killed three times', () => {
  let server: PrivateServer
  beforeAll(async () => {
    server = await startKafka()
  }, 120_000)
  afterAll(() => server.remove())

  it(`has all of ${count} events in the end, in order, unchanged`, { timeout: 900_000 }, async () => {
    const bytes = [...shopEvents({ seed: 7, events: count, rowBytes: 'small' })].map((event) => event.bytes)
    const expected = new Map<string, number[]>()
    for (const [sequence, text] of bytes.entries()) {
      const partitionKey = partitionKeyOf(decodeEvent({ position: '', bytes: text, time: 0 }))
      expected.set(partitionKey, [...(expected.get(partitionKey) ?? []), sequence])
    }
    const retries = await deliver(bytes, server, 'restart')
    const messages = await readTopic(server.url, 'restart')
    const sequences = new Map(bytes.map((text, sequence) => [Buffer.from(text).toString('latin1'), sequence]))
    const stored = bySequence(messages, sequences)
    expect(new Set(stored.keys())).toEqual(new Set(expected.keys()))
    for (const [partitionKey, order] of expected) expectInOrder(stored.get(partitionKey) ?? [], order)
    expect(retries).toBeGreaterThan(0)
    console.info(`${count} events, ${messages.length - count} twice, ${retries} interruptions`)
  })
})
