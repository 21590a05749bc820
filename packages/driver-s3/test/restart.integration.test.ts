import { gunzipSync } from 'node:zlib'
import { createPipeline, memoryDeadLetters, sink } from '@eds/core'
import { type ShopEvent, shopEvents } from '@eds/shop'
import { generatorSource } from '@eds/source-file'
import { startS3 } from '@eds/tool-services'
import { requireExecutable } from '@eds/tool-services/vitest'
import { expect, it } from 'vitest'
import s3 from '../src/index.js'
import { eventFrom } from './fixtures.js'
import { TestBucket } from './test-bucket.js'

const executable = await requireExecutable('s3')
const total = Number(process.env.EDS_TEST_EVENTS ?? 1_000)
const restarts = 3

executable.describe(`a store that is killed ${restarts} times during ${total} events`, () => {
  it.each(['json', 'ndjson'])('%s: everything is there, byte for byte', { timeout: 900_000 }, async (format) => {
    const server = await startS3()
    try {
      const bucket = await TestBucket.open(server.url)
      const events = [...shopEvents({ seed: 5, events: total, rowBytes: 'small' })]
      await deliver(events, bucket.url('x', { format, 'max-retries': '2' }), () => server.restart('SIGKILL'))
      const stored = format === 'json' ? bucket.objects('x/') : linesOf(bucket)
      await expectStored(events, stored, format === 'json' ? 'last' : 'all')
      bucket.disconnect()
    } finally {
      await server.remove()
    }
  })
})

/** Runs a pipeline over the events and restarts the store at each quarter of them, while a write is open. */
async function deliver(events: readonly ShopEvent[], url: string, restart: () => Promise<void>): Promise<void> {
  const open = (after: number) => events.slice(after)
  const source = generatorSource({ description: 'shop', open, total: events.length })
  const deadLetters = memoryDeadLetters()
  const options = { maxBatchEvents: Math.max(25, Math.ceil(events.length / 100)), lingerMs: 0 }
  const interruption = interrupted(events.length, restart)
  const pipeline = createPipeline({
    source,
    sinks: [sink(interruption.definition, url, options)],
    deadLetters,
    retry: { baseMs: 20, maxMs: 500 },
  })
  await pipeline.run()
  expect(await interruption.restarts()).toBe(restarts)
  expect(pipeline.lanes[0]?.status()).toMatchObject({ totalEvents: events.length, deadLetters: 0 })
}

/** The driver; each quarter of the events begins to be written while the store is killed. One restart after the other. */
function interrupted(events: number, restart: () => Promise<void>) {
  let written = 0
  let begun = 0
  let restarting = Promise.resolve()
  const create: typeof s3.create = (config, context) => {
    const driver = s3.create(config, context)
    return {
      connect: (signal) => driver.connect(signal),
      close: () => driver.close(),
      write: async (batch, signal) => {
        if (begun < restarts && written >= (events * (begun + 1)) / (restarts + 1)) {
          begun++
          restarting = restarting.then(restart)
        }
        const result = await driver.write(batch, signal)
        written += batch.events.length
        return result
      },
    }
  }
  const definition: typeof s3 = { ...s3, create }
  return { definition, restarts: () => restarting.then(() => begun) }
}

async function* linesOf(bucket: TestBucket): AsyncGenerator<string> {
  for await (const file of bucket.objects('x/')) yield* gunzipSync(file).toString().split('\n').slice(0, -1)
}

async function expectStored(
  events: readonly ShopEvent[],
  stored: AsyncIterable<string | Buffer>,
  keeps: 'last' | 'all',
): Promise<void> {
  const expected = new Map<string, string[]>()
  for (const { bytes } of events) {
    const text = Buffer.from(bytes).toString()
    const { rowKey } = eventFrom(text)
    const before = keeps === 'all' ? (expected.get(rowKey) ?? []) : []
    expected.set(rowKey, [...before, text])
  }
  const found = new Map<string, string[]>()
  for await (const bytes of stored) {
    const text = bytes.toString()
    const { rowKey } = eventFrom(text)
    found.set(rowKey, [...(found.get(rowKey) ?? []), text])
  }
  expect(found.size).toBe(expected.size)
  for (const [rowKey, texts] of expected) expect(found.get(rowKey)).toEqual(texts)
}
