import { testDriver } from '@eds/testkit'
import { requireService } from '@eds/tool-services/vitest'
import { afterAll, beforeAll } from 'vitest'
import pubsub from '../src/index.js'
import { PubsubProxy } from './pubsub-proxy.js'
import { serverAddress } from './server-address.js'
import { TestTopic } from './test-topic.js'

const server = await requireService('pubsub')
const { host, port, endpoint, project } = serverAddress(server.url)

server.describe('on a real server', () => {
  const topics: TestTopic[] = []
  let proxy: PubsubProxy

  beforeAll(async () => {
    proxy = await PubsubProxy.to(host, port)
  })

  afterAll(async () => {
    for (const topic of topics) await topic.remove()
    await proxy.close()
  })

  testDriver({
    definition: pubsub,
    url: async () => {
      const topic = await TestTopic.create(endpoint, project)
      topics.push(topic)
      return `pubsub://${project}/${topic.name}?endpoint=${proxy.endpoint}`
    },
    async *readEvents() {
      for (const { data } of (await topics.at(-1)?.messages()) ?? []) yield data
    },
    connection: {
      break: () => proxy.block(),
      stall: () => proxy.mute(),
      restore: () => proxy.open(),
    },
  })
})
