import { readFile } from 'node:fs/promises'
import { type PrivateServer, startNats } from '@eds/tool-services'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { nats } from '../src/index.js'
import { numbers, range, request, Taker } from './support/reading.js'
import { TestStream } from './support/test-stream.js'

/** The account that HQ gives a server: nothing but these subjects. */
const config = `
authorization {
  users: [
    { user: admin, password: secret }
    {
      user: eds, password: secret
      permissions: {
        publish: { allow: [
          "$JS.API.STREAM.NAMES", "$JS.ACK.dbchange.>", "$JS.API.CONSUMER.>", "$JS.API.STREAM.CREATE.dbchange",
          "eds.client.session1.>", "_INBOX.>", "dbchange.>"
        ] }
        subscribe: { allow: ["dbchange.*.*.c1.*.PUBLIC.>", "eds.notify.session1.>", "_INBOX.>"] }
      }
    }
    {
      user: blind, password: secret
      permissions: { publish: { allow: ["$JS.API.CONSUMER.INFO.>", "_INBOX.>"] }, subscribe: { allow: ["_INBOX.>"] } }
    }
  ]
}`

let server: PrivateServer
let stream: TestStream
beforeAll(async () => {
  server = await startNats({ config })
})
afterAll(() => server.remove())
beforeEach(async () => {
  stream = await TestStream.create(server.url, { max_consumers: 1 }, { user: 'admin', pass: 'secret' })
})
afterEach(async () => {
  await stream.manager.streams.delete(stream.name)
  await stream.close()
})

async function violations(): Promise<string[]> {
  const log = await readFile(server.logFile, 'utf8')
  return log.split('\n').filter((line) => /Violation/i.test(line))
}

describe.each([{ cursor: 'sink' }, { cursor: 'eds-server1' }])(
  'under the locked-down account, $cursor',
  ({ cursor }) => {
    const restricted = () =>
      nats({
        servers: server.url,
        credentials: { user: 'eds', password: 'secret' },
        companyIds: ['c1'],
        heartbeatMs: 200,
      })

    it('is created, read, recovered, made anew from a position and forgotten without one denied request', async () => {
      await stream.publish(10)
      await stream.publish(5, 'c2')
      const source = restricted()
      const reader = await source.open(request({ cursor }))
      const taker = new Taker(reader)
      const before = await taker.take(10)
      await reader.acknowledge(before[2]!)
      await stream.deleteConsumer(cursor)
      await stream.publish(5)
      const later = await taker.take(5)
      expect(numbers([...before, ...later])).toEqual([...range(1, 10), ...range(16, 20)])
      await reader.close()
      const again = await source.open(request({ cursor, after: before[6]!.position }))
      expect(numbers(await new Taker(again).take(8))).toEqual([...range(8, 10), ...range(16, 20)])
      await again.close()
      await source.forget(cursor)
      await source.close()
      expect(await violations()).toEqual([])
    })
  },
)

it('says which subject is denied', async () => {
  const source = nats({ servers: server.url, credentials: { user: 'blind', password: 'secret' } })
  const refusal = await source.open(request()).catch((error: unknown) => error)
  expect(refusal).toMatchObject({
    code: 'authentication',
    message: 'NATS does not allow this account to publish to "$JS.API.CONSUMER.DURABLE.CREATE.dbchange.sink"',
  })
  expect(await violations()).not.toEqual([])
  await source.close()
})

it('says that the login is refused, without the password', async () => {
  const source = nats({ servers: server.url.replace('//', '//eds:wrong@') })
  const refusal = await source.open(request()).catch((error: unknown) => error)
  expect(refusal).toMatchObject({ code: 'authentication', message: expect.not.stringContaining('wrong') })
  expect(source.description).not.toContain('wrong')
  await source.close()
})

it('logs in with what the address holds', async () => {
  await stream.publish(1)
  const source = nats({ servers: server.url.replace('//', '//admin:secret@') })
  const reader = await source.open(request())
  expect(await new Taker(reader).take(1)).toHaveLength(1)
  await reader.close()
  await source.close()
})
