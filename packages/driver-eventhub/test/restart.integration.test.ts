import { createPipeline, type Delivery, defineSource, type Position, padSequence, sink } from '@eds/core'
import { shopEvents } from '@eds/shop'
import { startEventHubSim } from '@eds/tool-eventhub-sim'
import { expect, it } from 'vitest'
import eventhub from '../src/index.js'
import { readHub } from './read-hub.js'

const count = Number(process.env.EDS_TEST_EVENTS ?? 3_000)
const chunk = 250

/** The events of the shop as a finite source. */
const shopSource = defineSource(({ deliveries }: { deliveries: readonly Delivery[] }) => ({
  description: 'the shop',
  open: async ({ after }: { after?: Position }) => {
    const start = after === undefined ? 0 : Number(after)
    return {
      async *[Symbol.asyncIterator]() {
        for (let from = start; from < deliveries.length; from += chunk) {
          yield deliveries.slice(from, from + chunk)
        }
      },
      acknowledge: async () => {},
      close: async () => {},
    }
  },
  forget: async () => {},
  close: async () => {},
}))

it(`${count} events are all there, each row in order and byte for byte, though the hub restarts three times`, async () => {
  const hub = await startEventHubSim()
  const events = [...shopEvents({ seed: 3, events: count })]
  const deliveries = events.map(({ index, bytes, timestamp }) => ({
    position: padSequence(index + 1),
    bytes,
    time: timestamp,
  }))
  const cuts = [0.2, 0.5, 0.8].map((share) => Math.floor(count * share))
  const restarts: Promise<void>[] = []
  // Looks at what is stored, so that each cut falls into the middle of a write.
  const watch = setInterval(() => {
    if (cuts[0] === undefined || hub.events().length < cuts[0]) return
    cuts.shift()
    restarts.push(hub.breakConnections().then(() => hub.restore()))
  }, 5)
  const source = shopSource({ deliveries })
  await createPipeline({ source, sinks: [sink(eventhub, hub.url)] }).run()
  clearInterval(watch)
  await Promise.all(restarts)
  expect(restarts).toHaveLength(3)

  const expected = new Map(events.map(({ id, bytes }) => [id, Buffer.from(bytes).toString()]))
  const firsts = new Map<string, string[]>()
  const seen = new Set<string>()
  for await (const { messageId, body, partitionKey } of readHub(hub.connectionString)) {
    const id = String(messageId)
    expect(String(body) === expected.get(id), `the bytes of ${id}`).toBe(true)
    if (seen.has(id)) continue
    seen.add(id)
    firsts.set(String(partitionKey), [...(firsts.get(String(partitionKey)) ?? []), id])
  }
  expect(seen.size).toBe(count)
  const order = new Map(events.map(({ id, index }) => [id, index]))
  for (const [key, ids] of firsts) {
    const indexes = ids.map((id) => order.get(id) ?? -1)
    expect(indexes, key).toEqual([...indexes].sort((left, right) => left - right))
  }
  await hub.stop()
}, 600_000)
