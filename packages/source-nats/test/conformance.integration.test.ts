import type { Source } from '@eds/core'
import { testSource } from '@eds/testkit'
import { type PrivateServer, startNats } from '@eds/tool-services'
import { afterAll, beforeAll, expect } from 'vitest'
import { nats } from '../src/index.js'
import { LoopbackProxy } from './support/loopback-proxy.js'
import { TestStream } from './support/test-stream.js'

let server: PrivateServer
let stream: TestStream
const proxies = new Map<Source, LoopbackProxy>()

beforeAll(async () => {
  server = await startNats()
  stream = await TestStream.create(server.url)
})
afterAll(async () => {
  for (const [source, proxy] of proxies) {
    await source.close()
    await proxy.close()
  }
  await stream.close()
  await server.remove()
})

/** Each source has a wire of its own, so that it can vanish without a word. */
async function create(consumer: (cursor: string) => string): Promise<Source> {
  const proxy = await LoopbackProxy.to(server.url)
  const options = { heartbeatMs: 200, timeoutMs: 1_000, takeoverMs: 2_000 }
  const source = nats({ servers: proxy.url, stream: stream.name, consumer, ...options })
  proxies.set(source, proxy)
  return source
}

async function crash(source: Source): Promise<void> {
  proxies.get(source)?.block()
  await source.close()
}

async function consumers() {
  return await stream.manager.consumers.list(stream.name).next()
}

async function pulledWhenQuiet(): Promise<number> {
  await expect.poll(async () => (await consumers()).every(({ num_waiting }) => num_waiting === 0)).toBe(true)
  return (await consumers()).reduce((total, { delivered }) => total + delivered.consumer_seq, 0)
}

const common = {
  reset: async () => {
    await stream.close()
    stream = await TestStream.create(server.url)
  },
  publish: async (messages: readonly Uint8Array[]) => {
    for (let sent = 0; sent < messages.length; sent += 256) {
      await Promise.all(messages.slice(sent, sent + 256).map((data) => stream.send(data)))
    }
  },
  crash,
  loseOldest: async (keep: number) => {
    await stream.manager.streams.purge(stream.name, { keep })
  },
  connection: {
    break: async () => {
      for (const proxy of proxies.values()) proxy.block()
    },
    restore: async () => {
      for (const proxy of proxies.values()) proxy.unblock()
    },
  },
  pulledWhenQuiet,
}

testSource({ ...common, title: 'nats, a consumer of its own', create: () => create((cursor) => cursor) })
testSource({
  ...common,
  title: 'nats, a consumer shared with the old server',
  create: () => create((cursor) => `eds-${cursor}`),
})
