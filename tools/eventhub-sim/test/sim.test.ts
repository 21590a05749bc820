import { EventHubConsumerClient, EventHubProducerClient, type ReceivedEventData } from '@azure/event-hubs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type EventHubSim, startEventHubSim } from '../src/index.js'

let sim: EventHubSim
const open: { close(): Promise<void> }[] = []

beforeEach(async () => {
  sim = await startEventHubSim({ hub: 'orders', partitions: 3 })
})

afterEach(async () => {
  for (const client of open.splice(0)) await client.close()
  await sim.stop()
})

function producer(connectionString = sim.connectionString): EventHubProducerClient {
  const client = new EventHubProducerClient(connectionString, { retryOptions: { maxRetries: 0, timeoutInMs: 5_000 } })
  open.push(client)
  return client
}

describe('the vendor’s client against the simulator', () => {
  it('reads the properties of the hub and its partitions', async () => {
    const client = producer()
    expect(await client.getEventHubProperties()).toMatchObject({ name: 'orders', partitionIds: ['0', '1', '2'] })
    await client.sendBatch([{ body: 1 }], { partitionId: '1' })
    expect(await client.getPartitionProperties('1')).toMatchObject({ lastEnqueuedSequenceNumber: 0, isEmpty: false })
    expect(await client.getPartitionProperties('2')).toMatchObject({ isEmpty: true })
  })

  it('reads back what was sent, from a position on, with the annotations of the hub', async () => {
    const client = producer()
    const bodies = Array.from({ length: 5 }, (_, index) => ({
      body: Buffer.from(`event ${index}`),
      messageId: `${index}`,
    }))
    await client.sendBatch(bodies, { partitionKey: 'row' })
    const [stored] = sim.events()
    const consumer = new EventHubConsumerClient('$Default', sim.connectionString)
    open.push(consumer)
    const read = await new Promise<readonly ReceivedEventData[]>((resolve, reject) => {
      const all: ReceivedEventData[] = []
      consumer.subscribe(
        String(stored?.partition),
        {
          processEvents: async (events) => {
            all.push(...events)
            if (all.length === 3) resolve(all)
          },
          processError: async (error) => reject(error),
        },
        { startPosition: { sequenceNumber: 1, isInclusive: false }, skipParsingBodyAsJson: true },
      )
    })
    expect(read.map(({ body }) => String(body))).toEqual(['event 2', 'event 3', 'event 4'])
    expect(read[0]).toMatchObject({ sequenceNumber: 2, partitionKey: 'row', offset: '128', messageId: '2' })
  })

  it('refuses a wrong key and an unknown hub', async () => {
    const wrongKey = producer(sim.connectionString.replace('SharedAccessKey=', 'SharedAccessKey=wrong'))
    await expect(wrongKey.createBatch()).rejects.toMatchObject({ code: 'UnauthorizedError' })
    const wrongHub = producer(sim.connectionString.replace('=orders', '=others'))
    await expect(wrongHub.createBatch()).rejects.toMatchObject({ code: 'MessagingEntityNotFoundError' })
  })

  it('limits the size, and throttles when told to', async () => {
    const client = producer()
    const batch = await client.createBatch()
    expect(batch.maxSizeInBytes).toBe(2 ** 20)
    await expect(client.sendBatch([{ body: Buffer.alloc(2 ** 20) }])).rejects.toMatchObject({
      code: 'MessageTooLargeError',
    })
    sim.throttleNext(1)
    await expect(client.sendBatch([{ body: 1 }])).rejects.toMatchObject({ code: 'ServerBusyError' })
    await client.sendBatch([{ body: 2 }])
    expect(sim.events()).toHaveLength(1)
  })

  it('keeps what it has through broken connections and detached links', async () => {
    await producer().sendBatch([{ body: 1 }], { partitionKey: 'a' })
    await sim.breakConnections()
    await sim.restore()
    const client = producer()
    await client.sendBatch([{ body: 2 }], { partitionKey: 'a' })
    sim.detachLinks()
    await producer().sendBatch([{ body: 3 }], { partitionKey: 'a' })
    const events = sim.events()
    expect(events.map(({ sequenceNumber }) => sequenceNumber)).toEqual([0, 1, 2])
    expect(new Set(events.map(({ partition }) => partition)).size).toBe(1)
  })
})
