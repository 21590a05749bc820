import { randomUUID } from 'node:crypto'
import { requireService } from '@eds/tool-services/vitest'
import { connect, type NatsConnection } from 'nats'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { natsStorage } from '../src/index.js'
import { storeSuite } from './store-suite.js'
import { History } from './support/history.js'

const nats = await requireService('nats')

nats.describe('on NATS', () => {
  const buckets = new Set<string>()
  let connection: NatsConnection
  beforeAll(async () => {
    connection = await connect({ servers: nats.url })
  })
  afterAll(async () => {
    const { streams } = await connection.jetstreamManager()
    for (const bucket of buckets) await streams.delete(`KV_${bucket}`)
    await connection.close()
  })
  storeSuite('a store in a key-value bucket', {
    open: async (name) => {
      buckets.add(`sync-${name}`)
      return natsStorage({ connection, bucket: `sync-${name}` })
    },
    shared: true,
  })

  it('does in random lives what the plain model does', async () => {
    for (let seed = 2_001; seed <= 2_020; seed++) {
      const bucket = `sync-${randomUUID()}`
      buckets.add(bucket)
      const history = new History(seed, () => natsStorage({ connection, bucket }))
      await history.live(20)
      const { engine, model } = await history.end()
      expect(engine, `seed ${seed}`).toEqual(model)
      const sent = new Set(history.sent.map((message) => JSON.stringify(message)))
      expect([...sent].sort(), `seed ${seed}`).toEqual(
        [...new Set(history.model.messages.map((message) => JSON.stringify(message)))].sort(),
      )
    }
  })
})
