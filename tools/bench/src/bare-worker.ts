import { AckPolicy, connect } from 'nats'
import pg from 'pg'
import type { BareTask } from './tasks.js'
import type { Measurement } from './worker.js'

/** Subscribe → upsert → commit → acknowledge, one event at a time, with the statement prepared once. */
export async function runBare({ natsUrl, stream, url, events }: BareTask): Promise<Measurement> {
  const connection = await connect({ servers: natsUrl })
  const manager = await connection.jetstreamManager()
  await manager.consumers.add(stream, { durable_name: 'bare', ack_policy: AckPolicy.Explicit })
  const consumer = await connection.jetstream().consumers.get(stream, 'bare')
  const client = new pg.Client(url)
  await client.connect()
  await client.query('CREATE TABLE IF NOT EXISTS bare (id text PRIMARY KEY, row jsonb)')
  const text = 'INSERT INTO bare (id, row) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET row = excluded.row'
  const messages = await consumer.consume()
  process.send?.('ready')
  const latenciesMs: number[] = []
  for await (const message of messages) {
    const event = message.json<{ id: string; key: string[]; after: object }>()
    await client.query({ name: 'upsert', text, values: [event.key.at(-1), JSON.stringify(event.after)] })
    latenciesMs.push(Number(process.hrtime.bigint() - BigInt(event.id)) / 1e6)
    message.ack()
    if (latenciesMs.length >= events) break
  }
  await client.end()
  await connection.drain()
  return { events: latenciesMs.length, latenciesMs }
}
