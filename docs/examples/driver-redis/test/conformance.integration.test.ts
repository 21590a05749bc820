import { TcpProxy, testDriver } from '@eds/testkit'
import { requireService } from '@eds/tool-services/vitest'
import { createClient } from 'redis'
import { afterAll, beforeAll } from 'vitest'
import driver from '../src/index.js'

const server = await requireService('redis')
const { hostname, port } = new URL(server.url)
const user = `eds-kit-${process.pid}`
const password = 'kit/p@ss?4711'

server.describe('on a real server', () => {
  const client = createClient({ url: server.url })
  let proxy: TcpProxy
  let cases = 0

  const prefix = () => `${user}:${cases}:`
  const streams = () => client.keys(`${user}:${cases}:*`)
  const urlWith = (secret: string) =>
    `redis://${user}:${encodeURIComponent(secret)}@127.0.0.1:${proxy.port}?prefix=${prefix()}`

  beforeAll(async () => {
    await client.connect()
    await client.sendCommand(['ACL', 'SETUSER', user, 'on', `>${password}`, `~${user}:*`, '+xadd', '+multi', '+exec'])
    proxy = await TcpProxy.to({ host: hostname, port: Number(port) })
  })

  afterAll(async () => {
    await proxy.close()
    const keys = await client.keys(`${user}:*`)
    if (keys.length > 0) await client.del(keys)
    await client.sendCommand(['ACL', 'DELUSER', user])
    await client.close()
  })

  testDriver({
    definition: driver,
    url: () => {
      cases++
      return urlWith(password)
    },
    wrongUrl: () => urlWith('wr0ng/p@ss'),
    async *readEvents() {
      for (const stream of await streams()) {
        for (const { message } of await client.xRange(stream, '-', '+')) yield message.event ?? ''
      }
    },
    drop: async (table) => {
      await client.del(prefix() + table)
    },
    connection: {
      break: () => proxy.break(),
      stall: () => proxy.stall(),
      restore: () => proxy.restore(),
    },
  })
})
