import type { ShopEvent } from '@eds/shop'
import { connect, type NatsConnection, StorageType } from 'nats'

const flushEvery = 500

/** Fills a stream, as fast as the server takes it, and makes sure that everything was stored. */
export async function fillStream(natsUrl: string, stream: string, events: Iterable<ShopEvent>): Promise<number> {
  const connection = await connect({ servers: natsUrl })
  const manager = await connection.jetstreamManager()
  await manager.streams.add({ name: stream, subjects: [`${stream}.>`], storage: StorageType.File })
  let count = 0
  for (const { subject, bytes } of events) {
    connection.publish(subject.replace(/^dbchange/, stream), bytes)
    if (++count % flushEvery === 0) await connection.flush()
  }
  await connection.flush()
  await waitUntilStored(connection, stream, count)
  await connection.close()
  return count
}

async function waitUntilStored(connection: NatsConnection, stream: string, count: number): Promise<void> {
  const manager = await connection.jetstreamManager()
  for (let attempt = 0; attempt < 100; attempt++) {
    const { state } = await manager.streams.info(stream)
    if (state.messages === count) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`the stream ${stream} does not hold the ${count} events that were published`)
}
