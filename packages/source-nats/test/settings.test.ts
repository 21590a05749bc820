import { describe, expect, it } from 'vitest'
import { resolveSettings, wishesFor } from '../src/settings.js'

const servers = 'nats://localhost:4222'
const failure = expect.objectContaining({ code: 'configuration' })

describe('servers', () => {
  it.each([
    { given: servers, taken: ['localhost:4222'] },
    { given: 'a:1, tls://b:2', taken: ['a:1', 'b:2'] },
    { given: ['nats://a', 'nats://[::1]:4222'], taken: ['a', '[::1]:4222'] },
  ])('are taken from $given', ({ given, taken }) => {
    expect(resolveSettings({ servers: given }).connection.servers).toEqual(taken)
  })

  it.each(['', 'http://a', 'nats://'])('are refused as %j', (given) => {
    expect(() => resolveSettings({ servers: given })).toThrow(failure)
  })

  it.each([
    { given: 'nats://user:p%40ss@a', credentials: { user: 'user', password: 'p@ss' } },
    { given: 'nats://token@a', credentials: { token: 'token' } },
    { given: 'nats://a', credentials: undefined },
  ])('may hold the login: $given', ({ given, credentials }) => {
    const { connection } = resolveSettings({ servers: given })
    expect(connection.credentials).toEqual(credentials)
    expect(connection.where).toBe('nats://a')
  })

  it('demand TLS by their scheme', () => {
    expect(resolveSettings({ servers: 'tls://a' }).connection.tls).toEqual({})
    expect(resolveSettings({ servers }).connection.tls).toBeUndefined()
  })
})

it('names every option that is wrong', () => {
  expect(() => resolveSettings({ servers, ackWaitMs: -1, maxPullBatch: 0.5 })).toThrow(/ackWaitMs.*maxPullBatch/)
})

it.each(['a.b', 'a b', ''])('refuses the stream name %j', (stream) => {
  expect(() => resolveSettings({ servers, stream })).toThrow(failure)
})

it('refuses a consumer name that NATS would not take', () => {
  expect(() => resolveSettings({ servers, consumer: (cursor) => `${cursor}.x` }).consumerName('a')).toThrow(failure)
})

it.each([
  { options: {}, subjects: ['dbchange.>'] },
  { options: { stream: 'changes' }, subjects: ['changes.>'] },
  { options: { companyIds: ['c1'] }, subjects: ['dbchange.*.*.c1.*.PUBLIC.>'] },
  { options: { filterSubjects: ['x.>'], companyIds: ['c1'] }, subjects: ['x.>'] },
])('filters by $subjects', ({ options, subjects }) => {
  expect(resolveSettings({ servers, ...options }).filterSubjects).toEqual(subjects)
})

it.each([
  {
    consumer: 'eds-server1',
    ack: 'auto',
    wishes: { isShared: true, ackPolicy: 'explicit', inactiveThresholdMs: 259_200_000 },
  },
  { consumer: 'sink', ack: 'auto', wishes: { isShared: false, ackPolicy: 'all', inactiveThresholdMs: 0 } },
  { consumer: 'sink', ack: 'explicit', wishes: { isShared: false, ackPolicy: 'explicit' } },
  { consumer: 'eds-server1', ack: 'all', wishes: { isShared: true, ackPolicy: 'all' } },
] as const)('wishes of $consumer with ack $ack', ({ consumer, ack, wishes }) => {
  expect(wishesFor(consumer, resolveSettings({ servers, ack }))).toMatchObject(wishes)
})
