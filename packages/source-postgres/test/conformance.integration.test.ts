import type { Source } from '@eds/core'
import { testSource } from '@eds/testkit'
import { requireService } from '@eds/tool-services/vitest'
import { afterAll, beforeAll } from 'vitest'
import { type CaptureMode, postgres } from '../src/index.js'
import { LoopbackProxy } from './support/loopback-proxy.js'
import { messageSource } from './support/message-source.js'
import { TestDatabase } from './support/test-database.js'

const server = await requireService('postgres')

const table = 'CREATE TABLE message (number bigserial PRIMARY KEY, message text NOT NULL)'

server.describe('the source contract', () => {
  let database: TestDatabase
  const proxies = new Map<Source, LoopbackProxy>()

  beforeAll(async () => {
    database = await TestDatabase.create(server.url)
  })
  afterAll(async () => {
    for (const proxy of proxies.values()) await proxy.close()
    await database.remove()
  })

  /** Each source has a wire of its own, so that it can vanish without a word. */
  async function create(mode: CaptureMode): Promise<Source> {
    const proxy = await LoopbackProxy.to(database.url)
    const url = database.url.replace(/@[^/]*\//, `@${proxy.url}/`)
    const source = messageSource(postgres({ url, mode, pollMs: 100, connectTimeoutMs: 2_000 }))
    proxies.set(source, proxy)
    return source
  }

  const common = {
    reset: async () => {
      for (const [source, proxy] of proxies) {
        proxy.unblock()
        await source.close()
        await proxy.close()
      }
      proxies.clear()
      await postgres({ url: database.url }).remove()
      await database.query(`DROP TABLE IF EXISTS message; ${table}`)
    },
    publish: async (messages: readonly Uint8Array[]) => {
      const few = messages.length <= 100 ? 1 : 1_000
      for (let at = 0; at < messages.length; at += few) {
        const texts = messages.slice(at, at + few).map((message) => Buffer.from(message).toString())
        await database.query('INSERT INTO message (message) SELECT unnest($1::text[])', [texts])
      }
    },
    crash: async (source: Source) => {
      proxies.get(source)?.block()
      await source.close()
    },
    connection: {
      break: async () => {
        for (const proxy of proxies.values()) proxy.block()
      },
      restore: async () => {
        for (const proxy of proxies.values()) proxy.unblock()
      },
    },
  }

  testSource({ ...common, title: 'postgres, by triggers', create: () => create('triggers') })
  testSource({
    ...common,
    title: 'postgres, by replication',
    create: () => create('replication'),
    exceptions: {
      'positions: an event has the same position each time it is delivered':
        'changes have; the rows that are read first stand where the slot of their cursor began',
      'start: a position counts for more than where to start':
        'a replication slot cannot be made for a place of the log that is past',
      'start: at a time, nothing that was stored at it or later is missing':
        'nothing is missing, but the rows that are read first have the positions of their own slot',
    },
  })
})
