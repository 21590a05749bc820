import { memoryState } from '@eds/core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import sqlserver from '../src/index.js'
import { Session } from '../src/session.js'
import { eventOf, schemaOf } from './fixtures.js'
import { Harness, rejection } from './harness.js'
import { isSimulated, startTestServer, type TestServer } from './test-server.js'

const simulated = it.skipIf(!isSimulated)

let server: TestServer
let harness: Harness
const schema = schemaOf('item', { name: 'string' })
const insert = (id: string) => eventOf('INSERT', 'item', { id, name: id })
const stored = async () => (await server.readTable('item')).map(({ id }) => id).sort()

beforeAll(async () => {
  server = await startTestServer()
})
beforeEach(async () => {
  await server.query('DROP TABLE IF EXISTS [item]')
  harness = await Harness.open(server.url, [schema])
  await harness.write([insert('before')])
})
afterEach(async () => {
  server.sim?.restore()
  server.sim?.setReadOnly(false)
  server.sim?.denyWrites(false)
  server.sim?.denyCreate(false)
  await harness.close()
})
afterAll(() => server.remove())

simulated.each([
  ['a deadlock', 1205, 'connection'],
  ['a lock timeout', 1222, 'connection'],
  ['a full disk', 1105, 'connection'],
  ['a full log', 9002, 'connection'],
  ['a busy service', 40501, 'throttled'],
  ['a missing right', 229, 'authentication'],
  ['a refused row', 547, 'record'],
] as const)('%s undoes the batch, whose rows come again', async (what, number, code) => {
  server.sim?.failNext({ number, message: what, matching: /^BEGIN TRANSACTION/ })
  expect(await rejection(harness.write([insert('a'), insert('b')]))).toMatchObject({ code })
  expect(await stored()).toEqual(['before'])
  expect(await harness.write([insert('c')])).toEqual({})
  expect(await stored()).toEqual(['before', 'c'])
})

simulated('a connection that is killed in mid-transaction leaves nothing, and a new one goes on', async () => {
  server.sim?.failNext({ number: 64, message: 'killed', class: 20, matching: /^BEGIN TRANSACTION/ })
  expect(await rejection(harness.write([insert('a')]))).toMatchObject({ code: 'connection' })
  expect(await rejection(harness.write([insert('a')]))).toMatchObject({ code: 'connection' })
  expect(await stored()).toEqual(['before'])
  await harness.connect()
  expect(await harness.write([insert('a')])).toEqual({})
  expect(await stored()).toEqual(['a', 'before'])
})

simulated('an answer lost after the commit: the same batch again ends in the same rows', async () => {
  server.sim?.answerLostAfterCommit()
  const batch = [insert('a'), eventOf('DELETE', 'item', { id: 'before' })]
  expect(await rejection(harness.write(batch))).toMatchObject({ code: 'connection' })
  expect(await stored()).toEqual(['a'])
  await harness.connect()
  expect(await harness.write(batch)).toEqual({})
  expect(await stored()).toEqual(['a'])
})

simulated('a database that becomes read-only is waited for', async () => {
  server.sim?.setReadOnly(true)
  expect(await rejection(harness.write([insert('a')]))).toMatchObject({ code: 'connection' })
  expect(await rejection(harness.connect())).toMatchObject({ code: 'connection', message: /read-only/ })
  server.sim?.setReadOnly(false)
  await harness.connect()
  expect(await harness.write([insert('a')])).toEqual({})
})

it('a table dropped under us is made again', async () => {
  await server.drop('item')
  expect(await rejection(harness.write([insert('a')]))).toMatchObject({ code: 'schema' })
  await harness.prepare(schema)
  expect(await harness.write([insert('a')])).toEqual({})
  expect(await stored()).toEqual(['a'])
})

it('a column dropped under us is added again', async () => {
  await server.query('ALTER TABLE [item] DROP COLUMN [name]')
  expect(await rejection(harness.write([insert('a')]))).toMatchObject({ code: 'schema' })
  await harness.prepare(schema)
  expect(await harness.write([insert('a')])).toEqual({})
})

simulated('a server that does not answer: an abort ends the wait, and nothing was applied', async () => {
  const abort = new AbortController()
  server.sim?.stall()
  const write = rejection(harness.write([insert('a')], abort.signal))
  abort.abort()
  expect(await write).toMatchObject({ code: 'connection' })
  await harness.close()
  server.sim?.restore()
  await harness.connect()
  expect(await harness.write([insert('b')])).toEqual({})
})

simulated('a server that does not answer in time: timeout', async () => {
  const impatient = await Harness.open(`${server.url}?requestTimeoutMs=300`, [schema])
  server.sim?.stall()
  expect(await rejection(impatient.write([insert('a')]))).toMatchObject({ code: 'timeout' })
  server.sim?.restore()
  await impatient.close()
})

simulated('missing rights are named', async () => {
  server.sim?.denyCreate(true)
  const report = await harness.driver.probe!.test(new AbortController().signal)
  expect(report.warnings).toEqual([expect.stringContaining('no right to make tables')])
  expect(await rejection(harness.prepare(schemaOf('another', { name: 'string' })))).toMatchObject({
    code: 'authentication',
  })
  server.sim?.denyWrites(true)
  expect(await rejection(harness.driver.probe!.test(new AbortController().signal))).toMatchObject({
    code: 'authentication',
    fix: expect.stringContaining('GRANT INSERT, UPDATE, DELETE ON SCHEMA::[dbo]'),
  })
})

it('two sinks write at the same time', async () => {
  const other = await Harness.open(server.url, [schema])
  await Promise.all([harness.write([insert('a')]), other.write([insert('b')])])
  expect(await stored()).toEqual(['a', 'b', 'before'])
  await other.close()
})

simulated('a new connection waits for a batch of an earlier one that the server is still at work on', async () => {
  const state = memoryState()
  await state.write({ 'writer-lock': '7' })
  const signal = new AbortController().signal
  const earlier = await Session.open(sqlserver.config.parse(sqlserver.parse(server.url)), signal)
  await earlier.query('BEGIN TRANSACTION', signal)
  await earlier.query(
    "EXEC sp_getapplock @Resource = N'eds-writer-7', @LockMode = N'Exclusive', @LockOwner = N'Transaction', @LockTimeout = -1",
    signal,
  )
  server.sim?.clearStatements()
  const later = new Harness(server.url, { state })
  let connected = false
  const connecting = later.connect().then(() => {
    connected = true
  })
  const asked = () => server.sim?.statements().some(({ sql }) => sql.includes('eds-writer-7'))
  await expect.poll(asked).toBe(true)
  await earlier.query('SELECT 1 AS [one]', signal)
  expect(connected).toBe(false)
  await earlier.rollBack()
  await connecting
  await Promise.all([earlier.close(), later.close()])
})

it('wrong credentials are told apart', async () => {
  expect(await rejection(new Harness(server.wrongUrl).connect())).toMatchObject({ code: 'authentication' })
})

simulated('logs in as eds, by bulk load and one batch: three round trips', async () => {
  expect(server.sim?.applicationNames()).toContain('eds')
  server.sim?.clearStatements()
  await harness.write([insert('a'), insert('b')])
  expect(server.sim?.statements().map(({ kind, count }) => (kind === 'bulk' ? `bulk of ${count}` : kind))).toEqual([
    'batch',
    'bulk of 2',
    'batch',
  ])
  expect(server.sim?.refused()).toEqual([])
})
