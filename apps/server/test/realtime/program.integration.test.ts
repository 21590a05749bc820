import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startPostgres } from '@eds/tool-services'
import { requireService } from '@eds/tool-services/vitest'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { runEds, temporaryFolder } from '../eds.js'
import { makeTables, mysqlDatabase, postgresDatabase, rules } from './databases.js'
import { admitted, connectClient, running, startProgram, startRealtime } from './program.js'

// Each test starts programs of its own, on a machine that may be busy.
vi.setConfig({ testTimeout: 150_000 })

const postgres = await requireService('postgres')
const mariadb = await requireService('mariadb')

const run = promisify(execFile)
const openssl = await run('openssl', ['version']).catch(() => undefined)
const secret = 'a-token-that-nobody-logs'

async function world(more: Readonly<Record<string, string>> = {}, words: readonly string[] = []) {
  const database = await postgresDatabase(postgres.url)
  await makeTables(database)
  const environment = { ...database.environment, ...rules, SECURITY_TOKEN: secret, ...more }
  const program = await startRealtime({ environment, words })
  await running(program)
  return { database, environment, program }
}

async function publish(url: string, body: unknown): Promise<{ status: number; answer: Record<string, unknown> }> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`${url}/publish`, { method: 'POST', headers, body: text })
  return { status: response.status, answer: (await response.json()) as Record<string, unknown> }
}

const event = {
  data: { id: 5, note: 'published' },
  type: 'insert',
  securityToken: secret,
  userId: '1',
  table: 'orders',
}

postgres.describe('eds realtime', () => {
  it('publishes what is posted, and says how it went', async () => {
    const { program } = await world({ DEFAULT_SOURCE: `'backend'` })
    const first = await admitted(program.url, 'one')
    const again = await admitted(program.url, 'one')
    const second = await admitted(program.url, 'two')

    const { status, answer } = await publish(program.url, event)
    expect({ status, answer }).toEqual({
      status: 200,
      answer: { code: 200, id: expect.any(String), sentTo: 2, message: expect.any(String) },
    })
    const toAll = { ...event, userId: '*', table: 'news', source: 'shop', timestamp: 42, version: 3 }
    expect(await publish(program.url, toAll)).toMatchObject({ status: 200, answer: { sentTo: 3 } })
    expect(await publish(program.url, { ...event, userId: '7' })).toMatchObject({ status: 200, answer: { sentTo: 0 } })
    await expect.poll(() => [first, again, second].map((one) => one.of('news').length)).toEqual([1, 1, 1])
    expect(first.of('orders')).toEqual([
      {
        id: answer.id,
        table: 'orders',
        type: 'insert',
        data: event.data,
        source: 'backend',
        source_type: 'api',
        timestamp: expect.any(Number),
        version: 1,
      },
    ])
    expect(again.of('changes').length).toBe(2)
    expect(second.of('orders')).toEqual([])
    expect(second.of('changes')).toEqual([
      { ...first.of('news')[0], source: 'shop', timestamp: 42, version: 3, source_type: 'api' },
    ])

    expect(await publish(program.url, { ...event, securityToken: 'wrong' })).toMatchObject({ status: 401 })
    expect(await publish(program.url, { ...event, type: 'upsert' })).toMatchObject({
      status: 400,
      answer: { code: 400 },
    })
    expect(await publish(program.url, '{')).toMatchObject({ status: 400 })
    const pong = await fetch(`${program.url}/ping`)
    expect([pong.status, await pong.text()]).toEqual([200, 'pong'])
    const nothing = await fetch(`${program.url}/nothing`)
    expect([nothing.status, await nothing.json()]).toEqual([404, { code: 404, message: expect.any(String) }])
    expect(program.output()).not.toContain(secret)
    expect(program.output()).not.toContain('eds-test')
  })

  it('refuses to publish without a token of its own, and to republish', async () => {
    const { program } = await world({ SECURITY_TOKEN: '', ALLOW_REPUBLISHING: 'false' })
    expect(await publish(program.url, event)).toMatchObject({ status: 403, answer: { code: 403 } })
    expect(program.output()).not.toContain('published over HTTP')
    const client = await admitted(program.url, 'one')
    client.socket.emit('event', { data: {}, type: 'insert', table: 'orders' })
    await expect.poll(() => client.of('error')).toEqual([{ code: 403, message: expect.any(String) }])
    const test = connectClient(program.url, 'TEST')
    await expect.poll(() => test.of('error')).toEqual([{ code: 401, message: 'Unauthorized' }])
  })

  it('republishes to the sender’s own user where that is allowed', async () => {
    const { program } = await world({ ALLOW_REPUBLISHING: 'true', NODE_ENV: 'development' })
    const sender = await admitted(program.url, 'one')
    const same = await admitted(program.url, 'one')
    const other = await admitted(program.url, 'two')
    const message = { data: { id: 1 }, type: 'update', table: 'orders', userId: '2' } as const
    sender.socket.emit('event', message)
    await expect.poll(() => [sender, same].map((one) => one.of('orders').length)).toEqual([1, 1])
    expect(same.of('orders')[0]).toMatchObject({ source: 'socketio', source_type: 'socketio', data: { id: 1 } })
    sender.socket.emit('event', { data: { id: 1 }, type: 'nothing', table: 'orders' } as never)
    await expect.poll(() => sender.of('error')).toEqual([{ code: 400, message: expect.any(String) }])
    expect((await publish(program.url, { ...event, userId: '*', table: 'end' })).status).toBe(200)
    await expect.poll(() => other.of('end').length).toBe(1)
    expect(other.of('orders')).toEqual([])
    const developer = await admitted(program.url, 'TEST')
    expect(developer.of('connected')).toMatchObject([{ userId: -1 }])
  })

  const https = 'speaks HTTPS with USE_SSL, and keeps control to this machine'
  const itWithOpenssl = openssl === undefined ? it.skip : it
  itWithOpenssl(openssl === undefined ? `${https} [skipped: there is no openssl]` : https, async () => {
    const folder = temporaryFolder()
    const [certificate, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
    const subject = ['-subj', '/CN=localhost', '-days', '1', '-nodes']
    const files = ['-keyout', key, '-out', certificate]
    await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', ...files, ...subject])
    const { program } = await world({ USE_SSL: 'true', SSL_CERT: certificate, SSL_KEY: readFileSync(key, 'utf8') })
    const [, port] = /HTTPS? on 127.0.0.1 port (\d+)/.exec(program.output()) ?? []
    const client = connectClient(`https://127.0.0.1:${port}`, 'one', { rejectUnauthorized: false })
    await expect.poll(() => client.of('connected').length).toBe(1)
    await expect(fetch(`http://127.0.0.1:${port}/ping`)).rejects.toThrow()
    const { code, stdout } = await runEds(['status'], { cwd: program.folder })
    expect([code, stdout]).toEqual([0, expect.stringContaining('sockets')])
  })

  it('waits for a database that is not there, and says so', async () => {
    const environment = { POSTGRES_DATABASE_URL: 'postgres://postgres:okapi@127.0.0.1:1/shop', ...rules }
    const program = await startRealtime({ environment })
    await program.prints(/WARN {2}waiting for the database: .*ECONNREFUSED/)
    await program.prints(/sockets is failing/)
    expect((await fetch(`${program.url}/ping`)).status).toBe(200)
    program.child.kill('SIGTERM')
    expect(await program.ended).toBe(0)
    expect(program.output()).not.toContain('okapi')
  })

  it('delivers to other destinations too, none lost while it is down, and starts at now for sockets', async () => {
    const sinkFolder = temporaryFolder()
    const words = ['--url', `copy=file://${sinkFolder}?format=ndjson`]
    const { database, environment, program } = await world({}, words)
    const lines = () =>
      readdirSync(sinkFolder, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ndjson'))
        .flatMap((name) => readFileSync(join(sinkFolder, name), 'utf8').trimEnd().split('\n'))
    const rows = () =>
      lines()
        .map((line) => JSON.parse(line))
        .map(({ table, after }) => `${table} ${after.id}`)
        .sort()
    // A new destination starts at now, too.
    await running(program, ['copy'])
    await database.run(`INSERT INTO orders VALUES (1, 1, 'a', 's')`)
    expect((await publish(program.url, { ...event, table: 'orders', data: { id: 50, secret: 's' } })).status).toBe(200)
    await expect.poll(rows).toEqual(['orders 1', 'orders 50'])
    program.child.kill('SIGKILL')
    await program.ended
    await database.run(`INSERT INTO orders VALUES (2, 1, 'b', 's')`)

    const next = await startRealtime({ environment, words, folder: program.folder })
    await running(next)
    const client = await admitted(next.url, 'one')
    await database.run(`INSERT INTO orders VALUES (3, 1, 'c', 's')`)
    await expect.poll(() => client.of('orders').length).toBeGreaterThan(0)
    await expect.poll(() => [...new Set(rows())]).toEqual(['orders 1', 'orders 2', 'orders 3', 'orders 50'])
    expect(client.of('orders')).toMatchObject([{ data: { id: 3 } }])
    // What is filtered is sent nowhere.
    await database.run(`UPDATE orders SET secret = 't' WHERE id = 3`)
    await expect.poll(() => lines().filter((line) => line.includes('UPDATE')).length).toBe(1)
    expect(lines().filter((line) => line.includes('secret'))).toEqual([])
    expect(lines().filter((line) => line.includes('note'))).not.toEqual([])
    next.child.kill('SIGTERM')
    expect(await next.ended).toBe(0)

    // The sockets' place is gone, the copy's is kept: until it is removed.
    const slots = `SELECT slot_name FROM pg_replication_slots WHERE database = current_database()`
    expect(await database.run(slots)).toEqual([{ slot_name: expect.stringMatching(/^eds_copy/) }])
    const removal = await runEds(['source', 'remove', '--url', database.url])
    expect([removal.code, removal.stdout]).toEqual([0, expect.stringMatching(/removed replication slot eds_copy/)])
    expect(await database.run(slots)).toEqual([])
    expect(await database.run(`SELECT relname FROM pg_class WHERE relname LIKE 'eds\\_%'`)).toEqual([])
    expect((await runEds(['source', 'remove', '--url', database.url])).stdout).toBe('there was nothing of EDS\n')
  })

  it('goes on when the database was restarted, with what changed before it noticed', async () => {
    const server = await startPostgres()
    onTestFinished(() => server.remove())
    const first = await postgresDatabase(server.url)
    await makeTables(first)
    const program = await startRealtime({ environment: { ...first.environment, ...rules } })
    await running(program)
    const client = await admitted(program.url, 'one')
    await first.close()
    await server.restart('SIGKILL')
    await first.reopen()
    await first.run(`INSERT INTO orders VALUES (1, 1, 'after the restart', 's')`)
    await expect.poll(() => client.of('orders').length).toBe(1)
    expect(client.socket.connected).toBe(true)
    expect(program.output().match(/sockets is failing/g)).toHaveLength(1)
    await running(program)
    program.child.kill('SIGTERM')
    expect(await program.ended).toBe(0)
  })

  it('finds what esink left, and removes it on request', async () => {
    const database = await postgresDatabase(postgres.url)
    await makeTables(database)
    await database.run(
      `CREATE FUNCTION publish_changes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_notify('x', row_to_json(NEW)::text); RETURN NEW; END $$`,
    )
    await database.run(
      'CREATE TRIGGER orders__publish_changes AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION publish_changes()',
    )
    const environment = { ...database.environment, ...rules }
    const large = `INSERT INTO orders VALUES (1, 1, repeat('x', 9000))`
    await expect(database.run(large)).rejects.toThrow('payload string too long')
    const warned = await startRealtime({ environment })
    await warned.prints(/esink has left trigger orders__publish_changes on public\.orders/)
    warned.child.kill('SIGTERM')
    await warned.ended
    const removing = await startRealtime({ environment, words: ['--remove-esink-triggers'] })
    await removing.prints(/removed what esink left: trigger orders__publish_changes/)
    await running(removing)
    const client = await admitted(removing.url, 'one')
    await database.run(large)
    await expect
      .poll(() => client.of('orders').map(({ data }) => (data as { note: string }).note.length))
      .toEqual([9000])
  })
})

mariadb.describe('eds realtime on MariaDB', () => {
  it('takes the place of the empty table of esink, not of one with rows, and is removed', async () => {
    const database = await mysqlDatabase(mariadb.url)
    await makeTables(database)
    await database.run('CREATE TABLE pub_events (id INT PRIMARY KEY)')
    const environment = { ...database.environment, ...rules, POSTGRES_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/x' }
    const program = await startRealtime({ environment, words: ['--mode', 'triggers'] })
    await running(program)
    expect(program.output()).toContain('MYSQL_DATABASE is set, so POSTGRES_DATABASE_URL is not used')
    expect(program.output()).toContain('the empty table "pub_events" that esink left was removed')
    program.child.kill('SIGTERM')
    await program.ended
    const { stdout } = await runEds(['source', 'remove', '--url', database.url])
    expect(stdout).toMatch(/removed table pub_events/)
    expect(await database.run(`SHOW TABLES LIKE '%e%ds%'`)).toEqual([])
    expect(await database.run('SHOW TRIGGERS')).toEqual([])

    await database.run('CREATE TABLE pub_events (id INT PRIMARY KEY)')
    await database.run('INSERT INTO pub_events VALUES (1)')
    const refused = startProgram({ environment, words: ['realtime', '--mode', 'triggers', '--port', '0'] })
    expect(await refused.ended).toBe(3)
    expect(refused.output()).toMatch(/MYSQL_TABLE_TARGET: table "pub_events" holds rows of another program/)
  })
})

describe('eds source remove', () => {
  it.each([
    [[], 'error: one database is needed: give it with --url, for instance --url postgres://localhost/shop\n'],
    [['--url', 'kafka://x/y'], /changes of kafka:\/\/ cannot be captured/],
  ])('%j is refused', async (words, message) => {
    const { code, stderr } = await runEds(['source', 'remove', ...words])
    expect(code).toBe(3)
    expect(stderr).toEqual(typeof message === 'string' ? message : expect.stringMatching(message))
  })
})
