import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { memoryState, systemClock } from '@eds/core'
import { createSocketio } from '../src/index.js'
import { eventOf } from './event.js'

/** A server with the cluster adapter, where every token is a user's id. Tells its port; writes the changes that it is sent. */
const silent = () => {}
const httpServer = createServer()
// As workers share ports by default, each would get the first one's.
await new Promise<void>((resolve) => httpServer.listen({ port: 0, host: '127.0.0.1', exclusive: true }, resolve))
const { definition } = createSocketio({ authenticate: async (token) => ({ userId: token }) })
const driver = definition.create(definition.config.parse({ adapter: 'cluster', routing: { orders: 'userId' } }), {
  ...{ sink: 'test', session: 'test', clock: systemClock, random: Math.random, state: memoryState(), httpServer },
  logger: { debug: silent, info: silent, warn: silent, error: silent },
  metrics: { count: silent },
})
const { signal } = new AbortController()
await driver.connect(signal)

process.on('message', (message: { readonly write?: Record<string, unknown> }) => {
  if (message.write === undefined) return
  const event = eventOf(message.write)
  void driver.write({ events: [event], bytes: event.bytes.length, first: event.position, last: event.position }, signal)
})
process.send?.({ port: (httpServer.address() as AddressInfo).port })
