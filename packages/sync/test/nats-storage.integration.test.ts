import { requireService } from '@eds/tool-services/vitest'
import { connect, type NatsConnection } from 'nats'
import { afterAll, beforeAll } from 'vitest'
import { natsStorage } from '../src/index.js'
import { storeSuite } from './store-suite.js'

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
})
