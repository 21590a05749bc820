import { type PrivateServer, startNats } from '@eds/tool-services'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { nats } from '../src/index.js'
import { numbers, range, request, Taker } from './support/reading.js'
import { TestStream } from './support/test-stream.js'

let server: PrivateServer
let stream: TestStream
beforeAll(async () => {
  server = await startNats()
})
afterAll(() => server.remove())
beforeEach(async () => {
  stream = await TestStream.create(server.url)
})
afterEach(async () => {
  await stream.manager.streams.delete(stream.name)
  await stream.close()
})

test('reads in order what is there and what comes', async () => {
  await stream.publish(10)
  const source = nats({ servers: server.url })
  const reader = await source.open(request())
  const taker = new Taker(reader)
  expect(numbers(await taker.take(10))).toEqual(range(1, 10))
  await stream.publish(5)
  const later = await taker.take(5)
  expect(numbers(later)).toEqual(range(11, 15))
  await reader.acknowledge(later[4]!)
  await reader.close()
  await source.close()
})
