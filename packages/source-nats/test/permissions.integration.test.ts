import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type PrivateServer, startNats } from '@eds/tool-services'
import { credsAuthenticator } from 'nats'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type NatsCredentials, narrowCompanies, nats, readCredentials } from '../src/index.js'
import { Operator } from './support/operator.js'
import { numbers, range, request, Taker } from './support/reading.js'
import { TestStream } from './support/test-stream.js'

/** What HQ gives a server: nothing but these subjects. */
const lockedDown = {
  pub: [
    '$JS.API.STREAM.NAMES',
    '$JS.ACK.dbchange.>',
    '$JS.API.CONSUMER.>',
    '$JS.API.STREAM.CREATE.dbchange',
    'eds.client.session1.>',
    '_INBOX.>',
    'dbchange.>',
  ],
  sub: ['dbchange.*.*.c1.*.PUBLIC.>', 'eds.notify.session1.>', '_INBOX.>'],
}
const operator = new Operator()
const creds = operator.creds('server1', lockedDown)

let folder: string
let server: PrivateServer
let stream: TestStream
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eds-source-nats-'))
  await writeFile(join(folder, 'server1.creds'), creds)
  server = await startNats({ config: operator.config })
  const authenticator = credsAuthenticator(new TextEncoder().encode(operator.creds('admin')))
  stream = await TestStream.create(server.url, { name: 'dbchange', max_consumers: 1 }, { authenticator })
})
afterAll(async () => {
  await stream.close()
  await server.remove()
  await rm(folder, { recursive: true })
})

async function violations(): Promise<string[]> {
  const log = await readFile(server.logFile, 'utf8')
  return log.split('\n').filter((line) => /Violation/i.test(line))
}

describe.each([
  { cursor: 'sink', credentials: (): NatsCredentials => ({ creds }) },
  { cursor: 'eds-server1', credentials: (): NatsCredentials => ({ credsFile: join(folder, 'server1.creds') }) },
])('under the locked-down account, $cursor', ({ cursor, credentials }) => {
  const restricted = () =>
    nats({
      servers: server.url,
      credentials: credentials(),
      companyIds: narrowCompanies(readCredentials(creds).companyIds),
      heartbeatMs: 200,
    })

  it('is created, read, recovered, made anew from a position and forgotten without one denied request', async () => {
    await stream.manager.streams.purge(stream.name)
    stream.restartNumbers()
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
})

const blind = { pub: ['$JS.API.CONSUMER.INFO.>', '_INBOX.>'], sub: ['_INBOX.>'] }

it('says which subject is denied', async () => {
  const source = nats({ servers: server.url, credentials: { creds: operator.creds('blind', blind) } })
  const refusal = await source.open(request()).catch((error: unknown) => error)
  expect(refusal).toMatchObject({
    code: 'authentication',
    message: 'NATS does not allow this account to publish to "$JS.API.CONSUMER.DURABLE.CREATE.dbchange.sink"',
  })
  expect(await violations()).not.toEqual([])
  await source.close()
})

it('says that the login is refused, without giving the credentials away', async () => {
  const foreign = new Operator().creds('stranger')
  const source = nats({ servers: server.url, credentials: { creds: foreign } })
  const refusal = await source.open(request()).catch((error: unknown) => error)
  expect(refusal).toMatchObject({ code: 'authentication', message: expect.stringContaining('refused the login') })
  for (const line of foreign.split('\n').filter((text) => text.length > 20)) expect(String(refusal)).not.toContain(line)
  await source.close()
})

it('says that the credentials are none', async () => {
  const source = nats({ servers: server.url, credentials: { creds: 'hello' } })
  await expect(source.open(request())).rejects.toMatchObject({ code: 'authentication' })
  await source.close()
})

it.each([
  { login: 'user:p%40ss@', server: 'user: user, password: "p@ss"' },
  { login: 'mytoken@', server: 'token: mytoken' },
])('logs in with what the address holds: $login', async ({ login, server: users }) => {
  const guarded = await startNats({ config: `authorization { ${users} }` })
  const source = nats({ servers: guarded.url.replace('//', `//${login}`) })
  await expect(source.open(request())).rejects.toThrow('NATS has no stream "dbchange": there is none at all')
  await source.close()
  await guarded.remove()
})
