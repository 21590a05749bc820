import { generateKeyPairSync } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { formatUrl, parseUrl } from '@eds/core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { eventOf, schemaOf } from './fixtures.js'
import { Harness, rejection } from './harness.js'
import { createSimulatedDatabase, type SimulatedDatabase } from './test-database.js'

const never = new AbortController().signal

describe('sessions, with the faults of the simulator', () => {
  let database: SimulatedDatabase
  let harness: Harness
  let tables = 0
  const keys = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open sesame' },
  })

  beforeAll(async () => {
    database = await createSimulatedDatabase({ publicKey: keys.publicKey })
  })
  afterEach(async () => {
    database.sim.suspendWarehouse(false)
    database.sim.denyCreate(false)
    await harness?.close()
    expect(database.sim.refused()).toEqual([])
  })
  afterAll(() => database.remove())

  /** A table of the case's own. */
  const open = async () => {
    const table = `item ${++tables}`
    const schema = schemaOf(table, { name: 'string' })
    harness = await Harness.open(database.url, [schema])
    const insert = (id: string, name = id) => eventOf('INSERT', table, { id, name })
    const stored = async () => (await database.readTable(table)).map(({ id }) => id).sort()
    return { table, schema, insert, stored }
  }

  it('sends a table’s batch in few statements, tagged with session, batch and count', async () => {
    const { insert } = await open()
    await harness.write([insert('a')])
    database.sim.clearStatements()
    await harness.write([insert('b'), insert('c'), insert('d')])
    const statements = database.sim.statements()
    expect(statements.map(({ text }) => text.split(' ')[0])).toEqual(['INSERT', 'BEGIN', 'MERGE', 'COMMIT'])
    expect(new Set(statements.map(({ queryTag }) => queryTag))).toEqual(new Set(['eds-test/2/3']))
    expect(statements[0]?.bindRows).toBe(3)
  })

  it('sends nothing when there is nothing to do', async () => {
    const { table } = await open()
    database.sim.clearStatements()
    const touch = eventOf('UPDATE', table, { id: 'a', name: 'x' }, { diff: ['updatedDate'] })
    expect(await harness.write([touch])).toEqual({})
    await new Promise((resolve) => setImmediate(resolve))
    expect(database.sim.statements()).toEqual([])
  })

  it('survives sockets that break between writes', async () => {
    const { insert, stored } = await open()
    await harness.write([insert('a')])
    database.sim.killConnections()
    await harness.write([insert('b')])
    expect(await stored()).toEqual(['a', 'b'])
  })

  it('survives a session token that expires', async () => {
    const { insert, stored } = await open()
    database.sim.expireSessions()
    await harness.write([insert('a')])
    expect(await stored()).toEqual(['a'])
  })

  it('says that the connection is gone when its session was ended, and goes on in a new one', async () => {
    const { insert, stored } = await open()
    await harness.write([insert('a')])
    database.sim.endSessions()
    expect(await rejection(harness.write([insert('b')]))).toMatchObject({ code: 'connection' })
    expect(await rejection(harness.write([insert('b')]))).toMatchObject({ code: 'connection' })
    await harness.connect()
    await harness.write([insert('b')])
    expect(await stored()).toEqual(['a', 'b'])
  })

  it('loses and doubles nothing when the answer to a commit is lost', async () => {
    const { insert, stored } = await open()
    database.sim.answerLostAfterCommit()
    await harness.write([insert('a'), insert('b')])
    await harness.write([insert('a', 'again'), insert('b')])
    expect(await stored()).toEqual(['a', 'b'])
  })

  it('rolls back a batch that fails half way, and can send it again', async () => {
    const { table, insert, stored } = await open()
    const other = schemaOf(`${table} too`, { name: 'string' })
    await harness.prepare(other)
    await database.query(`ALTER TABLE ${database.name(other.table)} DROP COLUMN "name"`)
    const batch = [insert('a'), eventOf('INSERT', other.table, { id: 'x', name: 'y' })]
    expect(await rejection(harness.write(batch))).toMatchObject({ code: 'schema', table: other.table })
    expect(await stored()).toEqual([])
    await harness.prepare(other)
    expect(await harness.write(batch)).toEqual({})
    expect(await stored()).toEqual(['a'])
    expect(await database.readTable(other.table)).toEqual([{ id: 'x', name: 'y' }])
  })

  it('makes a table anew that was dropped', async () => {
    const { table, schema, insert, stored } = await open()
    await harness.write([insert('a')])
    await database.drop(table)
    expect(await rejection(harness.write([insert('b')]))).toMatchObject({ code: 'schema', table })
    await harness.prepare(schema)
    await harness.write([insert('b')])
    expect(await stored()).toEqual(['b'])
  })

  it('waits for a warehouse that is suspended, on the same session', async () => {
    const { insert, stored } = await open()
    database.sim.suspendWarehouse(true)
    const error = await rejection(harness.write([insert('a')]))
    expect(error).toMatchObject({ code: 'connection', fix: expect.stringContaining('AUTO_RESUME') })
    database.sim.suspendWarehouse(false)
    await harness.write([insert('a')])
    expect(await stored()).toEqual(['a'])
  })

  it('passes on that the service is too busy, and that a statement took too long', async () => {
    const { insert, stored } = await open()
    for (const [code, expected] of [
      ['000625', 'throttled'],
      ['000630', 'timeout'],
    ] as const) {
      database.sim.failNext({ code, sqlState: '57014', message: 'not now' })
      expect(await rejection(harness.write([insert('a')]))).toMatchObject({ code: expected })
    }
    await harness.write([insert('a')])
    expect(await stored()).toEqual(['a'])
  })

  it('gives up a statement that is not answered', async () => {
    const parts = parseUrl(database.url)
    const url = formatUrl({ ...parts, query: { ...parts.query, statementTimeoutMs: '1000' } })
    const schema = schemaOf('slow', { name: 'string' })
    harness = await Harness.open(url, [schema])
    database.sim.stall()
    try {
      expect(await rejection(harness.write([eventOf('INSERT', 'slow', { id: 'a' })]))).toMatchObject({
        code: 'timeout',
      })
    } finally {
      database.sim.restore()
    }
    await harness.connect()
    expect(await harness.write([eventOf('INSERT', 'slow', { id: 'a' })])).toEqual({})
  })

  it('logs in with a key pair', async () => {
    const parts = parseUrl(database.url)
    const { password: _, ...withoutPassword } = parts
    const key = { privateKey: keys.privateKey, privateKeyPassphrase: 'open sesame' }
    const url = formatUrl({ ...withoutPassword, query: { ...parts.query, ...key } })
    harness = await Harness.open(url)
    expect((await harness.driver.probe!.test(never)).summary).toContain('warehouse EDS_WH, role EDS')
    const wrong = formatUrl({
      ...withoutPassword,
      query: { ...parts.query, ...key, privateKeyPassphrase: 'wr0ng-one' },
    })
    const error = await rejection(Harness.open(wrong))
    expect(String(error) + JSON.stringify(error)).not.toContain('wr0ng-one')
    const none = await rejection(Harness.open(formatUrl(withoutPassword)))
    expect(none).toMatchObject({ code: 'configuration', fix: expect.stringContaining('privateKeyFile') })
  })

  it.each([
    ['warehouse', 'NOWHERE', 'no warehouse NOWHERE'],
    ['schema', 'NOWHERE', 'no schema NOWHERE'],
    ['database', 'NOWHERE', 'no database NOWHERE'],
  ])('says that there is no such %s', async (name, value, message) => {
    const parts = parseUrl(database.url)
    const [, databaseName = '', schemaName = ''] = parts.path.split('/')
    const place = { database: databaseName, schema: schemaName }
    const url = formatUrl({ ...parts, path: '', query: { ...parts.query, ...place, [name]: value } })
    const error = await rejection(Harness.open(url))
    expect(error).toMatchObject({ code: 'configuration', message: expect.stringContaining(message) })
  })

  it('the probe leaves nothing behind, and says which right is missing', async () => {
    await open()
    const before = await database.query('SELECT TABLE_NAME FROM SHOP.INFORMATION_SCHEMA.TABLES')
    expect((await harness.driver.probe!.test(never)).warnings).toEqual([])
    database.sim.denyCreate(true)
    expect((await harness.driver.probe!.test(never)).warnings).toEqual([expect.stringContaining('GRANT')])
    expect(await database.query('SELECT TABLE_NAME FROM SHOP.INFORMATION_SCHEMA.TABLES')).toEqual(before)
    expect(await rejection(harness.prepare(schemaOf('forbidden', {})))).toMatchObject({ code: 'authentication' })
  })

  it('writes no log file', async () => {
    await open()
    expect(readdirSync('.').filter((name) => name.endsWith('.log'))).toEqual([])
  })
})
