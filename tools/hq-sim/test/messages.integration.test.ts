import { shopCompanies, shopEvents } from '@eds/shop'
import { pack, unpack } from 'msgpackr'
import { type NatsConnection, StringCodec } from 'nats'
import { expect, test } from 'vitest'
import { answer, connectSession, makeSim, nats, startSession } from './hq-sim.js'

const text = StringCodec()
const json = (value: unknown) => text.encode(JSON.stringify(value))

/** The server's complaint about what a client did: published is the subject, or subscribed. */
async function refusal(connection: NatsConnection, act: () => void): Promise<string> {
  const complaints = connection.status()[Symbol.asyncIterator]()
  act()
  await connection.flush()
  const { value } = await complaints.next()
  return JSON.stringify(value)
}

nats.describe('NATS', () => {
  test.each([
    '$JS.API.INFO',
    '$JS.API.STREAM.INFO.dbchange',
    '$JS.API.STREAM.DELETE.dbchange',
    'eds.client.another.ping-response',
    'eds.notify.another.ping',
  ])('a session may not publish to %s', async (subject) => {
    const sim = await makeSim()
    const connection = await connectSession(sim, (await startSession(sim)).credential)
    expect(await refusal(connection, () => connection.publish(subject))).toContain('PERMISSIONS_VIOLATION')
  })

  test.each(['dbchange.>', 'dbchange.*.*.other.*.PUBLIC.>', 'eds.notify.another.>', 'eds.client.>', '>'])(
    'a session may not subscribe to %s',
    async (subject) => {
      const sim = await makeSim()
      const connection = await connectSession(sim, (await startSession(sim)).credential)
      const subscribe = () => connection.subscribe(subject, { callback: () => {} })
      expect(await refusal(connection, () => subscribe())).toContain('PERMISSIONS_VIOLATION')
    },
  )

  test('a session reads its companies by a durable consumer', async () => {
    const sim = await makeSim({ companies: shopCompanies(1) })
    const { credential } = await startSession(sim)
    const connection = await connectSession(sim, credential)
    const durable = `eds-${sim.serverId}`
    const filter = sim.companies.map((company) => `dbchange.*.*.${company}.*.PUBLIC.>`)
    const manager = await connection.jetstreamManager({ checkAPI: false })
    await manager.consumers.add('dbchange', { durable_name: durable, filter_subjects: filter })
    const count = await sim.publishEvents(shopEvents({ seed: 1, events: 10, companies: 1 }))
    await sim.publishEvent({ table: 'order', operation: 'INSERT', companyId: 'other' })
    const { num_pending } = await manager.consumers.info('dbchange', durable)
    expect([count, num_pending]).toEqual([10, 10])
  })

  test('credentials name the server, and end', async () => {
    const sim = await makeSim({ credentialLifetimeMs: 2_000 })
    const { credential } = await startSession(sim)
    const jwt = Buffer.from(credential).toString().split('\n')[1] ?? ''
    const claims = JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString())
    expect(claims.name).toBe(sim.serverId)
    expect(claims.nats.sub.allow[0]).toBe(`dbchange.*.*.${sim.companies[0]}.*.PUBLIC.>`)
    const connection = await connectSession(sim, credential)
    // What the client says of it depends on how far its own attempts to come back got, within the second that tokens are dated by.
    expect(await connection.closed()).toBeInstanceOf(Error)
    const again = () =>
      connectSession(sim, credential).then((accepted) => accepted.close().then(() => 'accepted'), String)
    await expect.poll(again).toMatch(/authorization|expired/i)
  })

  test('foreign credentials are refused', async () => {
    const [sim, other] = [await makeSim(), await makeSim()]
    const { credential } = await startSession(other)
    await expect(connectSession(sim, credential)).rejects.toThrow(/authorization/i)
  })

  test('without authentication everything is allowed, with the same credentials', async () => {
    const sim = await makeSim({ auth: 'none' })
    const connection = await connectSession(sim, (await startSession(sim)).credential)
    const manager = await connection.jetstreamManager()
    expect((await manager.streams.info('dbchange')).config.name).toBe('dbchange')
  })

  test('notifications arrive in each encoding, answers and heartbeats are decoded', async () => {
    const sim = await makeSim()
    const { sessionId, credential } = await startSession(sim)
    const connection = await connectSession(sim, credential)
    const received = connection.subscribe(`eds.notify.${sessionId}.>`, { max: 3 })
    await connection.flush()
    await sim.notify('pause')
    await sim.notify('import', { backfill: true }, { encoding: 'msgpack' })
    await sim.notifyBytes('nonsense', text.encode('{'))
    const messages = []
    for await (const message of received) messages.push(message)
    expect(messages[0]?.subject).toBe(`eds.notify.${sessionId}.pause`)
    expect(messages[0]?.json()).toEqual({ action: 'pause' })
    expect(unpack(messages[1]?.data ?? pack(0))).toEqual({ action: 'import', data: { backfill: true } })
    expect(messages[2]?.string()).toBe('{')

    answer(connection, sessionId, 'pause-response', { success: true, sessionId })
    answer(connection, sessionId, 'heartbeat', { offset: 0 })
    const found = await sim.waitFor('answer', () => sim.answers.find(({ name }) => name === 'pause-response'))
    expect(found).toMatchObject({ data: { success: true }, headers: { 'Nats-Msg-Id': 'one' }, sessionId })
    await sim.waitFor('heartbeat', () => sim.heartbeats[0])
    expect(sim.heartbeats).toHaveLength(1)
  })

  test('replies and pongs come back', async () => {
    const sim = await makeSim()
    const { sessionId, credential } = await startSession(sim)
    const connection = await connectSession(sim, credential)
    connection.subscribe(`eds.notify.${sessionId}.>`, {
      callback: (_, message) => {
        const { action, data } = message.json<{ action: string; data: { subject: string } }>()
        if (action === 'ping') connection.publish(data.subject, text.encode('pong'))
        if (action === 'configure') message.respond(json({ success: true, backfill: true, sessionId }))
      },
    })
    await connection.flush()
    expect(await sim.request('configure', { url: 'file:///x' })).toEqual({ success: true, backfill: true, sessionId })
    await sim.ping()
    await expect(sim.request('validate', {}, { timeoutMs: 50 })).rejects.toThrow('no reply to validate within 50 ms')
  })

  test('what the stream holds outlives a restart of NATS', async () => {
    const sim = await makeSim()
    await sim.publishEvent({ table: 'order', operation: 'INSERT' })
    await sim.restartNats()
    await sim.publishEvent({ table: 'order', operation: 'DELETE' })
    const connection = await connectSession(sim, (await startSession(sim)).credential)
    const manager = await connection.jetstreamManager({ checkAPI: false })
    const made = await manager.consumers.add('dbchange', { durable_name: `eds-${sim.serverId}` })
    expect(made.num_pending).toBe(2)
  })
})
