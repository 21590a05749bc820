import { once } from 'node:events'
import { createServer } from 'node:net'
import { testDriver } from '@eds/testkit'
import { type PrivateServer, startKafka } from '@eds/tool-services'
import { requireExecutable } from '@eds/tool-services/vitest'
import { afterAll, beforeAll } from 'vitest'
import kafka from '../src/index.js'
import { readTopic } from './fixtures/consume.js'
import { TcpGate } from './fixtures/tcp-gate.js'

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address !== null ? address.port : 0
}

const needed = await requireExecutable('kafka')

/** Brokers tell clients where they are, so this one says where the gate is. */
needed.describe('on a real broker', () => {
  let server: PrivateServer
  let gate: TcpGate
  let url = ''
  let topics = 0

  beforeAll(async () => {
    const port = await freePort()
    server = await startKafka({
      // The order across partitions is not Kafka's to keep, and events of a row may name different owners, hence partitions.
      properties: { 'advertised.listeners': `CLIENT://127.0.0.1:${port}`, 'num.partitions': '1' },
    })
    gate = await TcpGate.open(server.port, port)
    url = `kafka://127.0.0.1:${port}`
  }, 120_000)

  afterAll(async () => {
    await gate.close()
    await server.remove()
  })

  testDriver({
    definition: kafka,
    url: () => `${url}/conformance-${++topics}`,
    readEvents: async function* () {
      for (const { value } of await readTopic(url, `conformance-${topics}`)) if (value !== null) yield value
    },
    connection: { break: () => gate.shut(), stall: () => gate.stall(), restore: () => gate.restore() },
  })
})
