import { createPipeline, decodeEvent, sink } from '@eds/core'
import { shopEvents } from '@eds/shop'
import { generatorSource } from '@eds/source-file'
import { requireService } from '@eds/tool-services/vitest'
import { expect, it } from 'vitest'
import { orderingKeyOf } from '../src/encode.js'
import pubsub from '../src/index.js'
import { PubsubProxy } from './pubsub-proxy.js'
import { serverAddress } from './server-address.js'
import { TestTopic } from './test-topic.js'

const server = await requireService('pubsub')
const { host, port, endpoint, project } = serverAddress(server.url)
const count = Number(process.env.EDS_TEST_EVENTS || 3_000)
const cuts = 3

/** Small batches, so that there are many to cut. */
const inSmallBatches: typeof pubsub = {
  ...pubsub,
  traits: (config) => ({ ...pubsub.traits(config), maxBatchEvents: Math.ceil(count / 15) }),
}

/** First occurrences, in order: at least once means that a message may come again. */
function withoutCopies(texts: readonly string[]): string[] {
  return [...new Set(texts)]
}

function append(map: Map<string, string[]>, key: string, text: string): void {
  const texts = map.get(key)
  if (texts === undefined) map.set(key, [text])
  else texts.push(text)
}

/** What a subscriber must get: the events' texts by ordering key, in order. */
function expectedByKey(events: readonly Uint8Array[]): Map<string, string[]> {
  const expected = new Map<string, string[]>()
  for (const bytes of events) {
    append(expected, orderingKeyOf(decodeEvent({ position: '0', bytes, time: 0 })), Buffer.from(bytes).toString())
  }
  return expected
}

/** Delivers the events through a pipeline while the wire is cut in the middle of writing, and gives the number of cuts. */
async function deliver(events: readonly Uint8Array[], url: string, proxy: PubsubProxy): Promise<number> {
  const end = new AbortController()
  let delivered = 0
  let cut = 0
  const source = generatorSource({
    description: 'the shop',
    total: events.length,
    open: function* (after) {
      for (const bytes of events.slice(after)) yield { bytes }
    },
  })
  const logger = { debug() {}, info() {}, warn() {}, error() {} }
  const pipeline = createPipeline({
    source,
    sinks: [sink(inSmallBatches, url)],
    logger,
    start: { at: 'beginning' },
    metrics: {
      onBatch: (_, batch) => {
        delivered += batch.events
        if (cut < cuts && delivered >= ((cut + 1) * events.length) / (cuts + 1)) {
          cut++
          // By then the next batch is on its way.
          setImmediate(() => proxy.cut())
        }
        if (delivered >= events.length) end.abort()
      },
    },
  })
  await pipeline.run({ signal: end.signal })
  return cut
}

server.describe('a pipeline whose connections break', () => {
  it(`brings ${count} events, those of each key in order, whatever breaks`, { timeout: 600_000 }, async () => {
    const events = [...shopEvents({ seed: 7, events: count, rowBytes: 'small' })].map(({ bytes }) => bytes)
    const proxy = await PubsubProxy.to(host, port)
    const topic = await TestTopic.create(endpoint, project)
    try {
      const url = `pubsub://${project}/${topic.name}?endpoint=${proxy.endpoint}`
      expect(await deliver(events, url, proxy)).toBe(cuts)
      const received = new Map<string, string[]>()
      for (const { orderingKey, data } of await topic.messages()) append(received, orderingKey, data.toString())
      const expected = expectedByKey(events)
      expect(received.size).toBe(expected.size)
      for (const [key, texts] of expected) expect(withoutCopies(received.get(key) ?? [])).toEqual(texts)
    } finally {
      await topic.remove()
      await proxy.close()
    }
  })
})
