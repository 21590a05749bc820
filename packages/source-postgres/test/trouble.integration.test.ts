import { systemClock } from '@eds/core'
import { requireService } from '@eds/tool-services/vitest'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type PostgresSource, postgres } from '../src/index.js'
import { LoopbackProxy } from './support/loopback-proxy.js'
import { request, Taker } from './support/reading.js'
import { TestDatabase } from './support/test-database.js'

const server = await requireService('postgres')

server.describe('trouble', () => {
  let database: TestDatabase
  const sources: PostgresSource[] = []

  beforeEach(async () => {
    database = await TestDatabase.create(server.url)
    await database.query('CREATE TABLE a (id int PRIMARY KEY)')
  })
  afterEach(async () => {
    for (const source of sources.splice(0)) await source.close()
    await database.remove()
  })

  function make(options: object = {}): PostgresSource {
    const source = postgres({ url: database.url, pollMs: 100, takeoverMs: 200, ...options })
    sources.push(source)
    return source
  }

  it('says what is wrong with tables that cannot be captured', async () => {
    await database.query('CREATE TABLE keyless (n int)')
    await expect(make({ tables: ['nowhere', 'keyless'] }).open(request())).rejects.toMatchObject({
      code: 'configuration',
      message: expect.stringMatching(/"nowhere": there is no such table.*"keyless": it has no primary key/),
    })
  })

  it('refuses a wrong password without showing it', async () => {
    const url = database.url.replace(/:[^:@]*@/, ':not-this-one@')
    const error: unknown = await make({ url })
      .open(request())
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'authentication' })
    expect(String(error)).not.toContain('not-this-one')
  })

  it.each(['triggers', 'replication'] as const)('tells that a cursor is in use, by %s', async (mode) => {
    await make({ mode }).open(request())
    await expect(make({ mode }).open(request())).rejects.toMatchObject({
      code: 'connection',
      message: expect.stringContaining('another reader uses the cursor "sink"'),
    })
  })

  it.each(['triggers', 'replication'] as const)('takes nothing away from a reader, by %s', async (mode) => {
    const reader = await make({ mode }).open(request())
    const taker = new Taker(reader)
    const inUse = { code: 'connection', message: expect.stringContaining('another reader uses the cursor "sink"') }
    const other = make({ mode })
    await expect(other.remove()).rejects.toMatchObject(inUse)
    await expect(other.forget('sink')).rejects.toMatchObject(inUse)
    await database.query('INSERT INTO a VALUES (1)')
    expect(await taker.take(1)).toHaveLength(1)
    await reader.close()
    await other.forget('sink')
    await other.remove()
    expect(await database.query(`SELECT FROM pg_class WHERE relname LIKE 'eds%'`)).toEqual([])
  })

  it('fails with a gap when the slot was dropped by somebody else', async () => {
    const source = make({ mode: 'replication' })
    await (await source.open(request())).close()
    await database.query(
      'SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()',
    )
    await expect(source.open(request())).rejects.toMatchObject({
      code: 'gap',
      message: expect.stringContaining('is gone'),
    })
  })

  it('refuses to read a cursor in another mode than it was made in', async () => {
    await (await make({ mode: 'triggers' }).open(request())).close()
    await expect(make({ mode: 'replication' }).open(request())).rejects.toMatchObject({ code: 'configuration' })
  })

  it('captures by triggers, and says why, where the role may not replicate', async () => {
    const role = `role_${database.url.split('/').at(-1)}`
    await database.query(`CREATE ROLE ${role} LOGIN PASSWORD 'p@ss/w#rd'; GRANT CREATE ON SCHEMA public TO ${role};
      ALTER TABLE a OWNER TO ${role}`)
    const lines: string[] = []
    const logger = { debug() {}, warn() {}, error() {}, info: (_: object, message: string) => lines.push(message) }
    const source = make({ url: database.url.replace(/\/\/[^@]*@/, `//${role}:p@ss/w#rd@`), logger })
    const taker = new Taker(await source.open(request()))
    await database.query('INSERT INTO a VALUES (1)')
    expect(await taker.take(1)).toHaveLength(1)
    expect(lines[0]).toBe('capturing by triggers: the role may not replicate')
    await source.close()
    await source.remove()
    await database.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
  })

  it('says which right is missing', async () => {
    const role = `reader_${database.url.split('/').at(-1)}`
    await database.query(`CREATE ROLE ${role} LOGIN PASSWORD 'p@ss/w#rd'; GRANT SELECT ON a TO ${role}`)
    const source = make({ url: database.url.replace(/\/\/[^@]*@/, `//${role}:p@ss/w#rd@`) })
    const error: unknown = await source.open(request()).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'authentication',
      message: expect.stringContaining('permission denied'),
      fix: expect.stringMatching(/own the tables .* CREATE on the schema .*; for replication also REPLICATION/),
    })
    await database.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
  })

  it('gives a replication connection up that died without a word', async () => {
    const proxy = await LoopbackProxy.to(database.url)
    let aheadMs = 0
    const clock = { now: () => Date.now() + aheadMs, sleep: systemClock.sleep }
    const url = database.url.replace(/@[^/]*\//, `@${proxy.url}/`)
    const reader = await make({ url, mode: 'replication', clock, refreshMs: 1_000_000 }).open(request())
    await database.query('INSERT INTO a VALUES (1)')
    const taker = new Taker(reader)
    await taker.take(1)
    const failure = taker.failure()
    proxy.mute()
    aheadMs = 100_000
    expect(await failure).toMatchObject({
      code: 'connection',
      message: expect.stringContaining('has not been heard of'),
    })
    await proxy.close()
  })

  it('lets the log go on while the captured tables are idle', async () => {
    await database.query('CREATE TABLE busy (id int PRIMARY KEY)')
    const source = make({ mode: 'replication', tables: ['a'] })
    const taker = new Taker(await source.open(request({ start: { at: 'now' } })))
    const taking = taker.take(1)
    await database.query('INSERT INTO busy SELECT i FROM generate_series(1, 20000) i')
    const [{ at } = { at: '' }] = await database.query<{ at: string }>('SELECT pg_current_wal_lsn() AS at')
    const passed = async () => {
      const [slot] = await database.query<{ passed: boolean }>(
        'SELECT confirmed_flush_lsn >= $1 AS passed FROM pg_replication_slots WHERE database = current_database()',
        [at],
      )
      return slot?.passed
    }
    await expect.poll(passed).toBe(true)
    await database.query('INSERT INTO a VALUES (1)')
    expect(await taking).toHaveLength(1)
  })

  it('finds and removes what esink left', async () => {
    await database.query(`CREATE FUNCTION publish_changes() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
      CREATE TRIGGER a__publish_changes AFTER INSERT ON a FOR EACH ROW EXECUTE FUNCTION publish_changes()`)
    const source = make()
    const left = [{ schema: 'public', table: 'a', trigger: 'a__publish_changes' }]
    expect(await source.findEsinkTriggers()).toEqual(left)
    expect(await source.removeEsinkTriggers()).toEqual(left)
    expect(await source.findEsinkTriggers()).toEqual([])
    expect(await database.query(`SELECT FROM pg_proc WHERE proname = 'publish_changes'`)).toEqual([])
  })
})
