import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { connect } from 'nats'
import pg from 'pg'
import { afterEach, expect, test, vi } from 'vitest'
import { sweepAbandoned } from '../src/port-reservation.js'
import { type PrivateServer, startNats, startPostgres } from '../src/private-server.js'
import { isRunning } from '../src/process-identity.js'
import { requireExecutable } from '../src/vitest.js'

const natsExecutable = await requireExecutable('nats')
const postgresExecutable = await requireExecutable('postgres')

const servers: PrivateServer[] = []
const own = (server: PrivateServer) => {
  servers.push(server)
  return server
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.remove()))
})

natsExecutable.describe('a private NATS server', () => {
  async function countAfterPublishing(url: string): Promise<number> {
    const connection = await connect({ servers: url })
    const manager = await connection.jetstreamManager()
    await manager.streams.add({ name: 'kept', subjects: ['kept.>'] })
    await connection.jetstream().publish('kept.one')
    const { state } = await manager.streams.info('kept')
    await connection.close()
    return state.messages
  }

  test('keeps its data and port over a clean restart, a crash and a stop', async () => {
    const server = own(await startNats())
    expect(await countAfterPublishing(server.url)).toBe(1)
    await server.restart()
    expect(await countAfterPublishing(server.url)).toBe(2)
    await server.restart('SIGKILL')
    expect(await countAfterPublishing(server.url)).toBe(3)
    await server.stop()
    await expect(connect({ servers: server.url, reconnect: false })).rejects.toThrow('CONNECTION_REFUSED')
    await server.start()
    expect(await countAfterPublishing(server.url)).toBe(4)
  })

  test('takes a configuration of its own', async () => {
    const config = `
      accounts { A { jetstream: enabled, users: [{ user: worker, password: known, permissions: { publish: "allowed.>" } }] } }
    `
    const server = own(await startNats({ config }))
    await expect(connect({ servers: server.url })).rejects.toThrow('Authorization Violation')
    const connection = await connect({ servers: server.url, user: 'worker', pass: 'known' })
    const status = connection.status()[Symbol.asyncIterator]()
    connection.publish('forbidden')
    expect((await status.next()).value).toMatchObject({ data: 'PERMISSIONS_VIOLATION' })
    await connection.close()
  })

  test('removing it leaves nothing', async () => {
    const server = await startNats()
    await server.remove()
    await server.remove()
    expect(existsSync(dirname(server.logFile))).toBe(false)
    await expect(connect({ servers: server.url, reconnect: false })).rejects.toThrow('CONNECTION_REFUSED')
  })

  test('two have different ports', async () => {
    const [one, two] = await Promise.all([startNats(), startNats()])
    own(one)
    own(two)
    expect(one.port).not.toBe(two.port)
  })

  test('a bad configuration is explained by the log', async () => {
    await expect(startNats({ config: 'no_such_option: 1' })).rejects.toThrow('unknown field "no_such_option"')
  })

  test('what a killed process leaves behind is swept up', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'eds-sweep-'))
    vi.stubEnv('EDS_SERVICES_DIR', folder)
    const [abandoned, mine] = [await startNats(), own(await startNats())]
    const reservation = join(folder, 'ports', String(abandoned.port))
    const { server, folder: data } = JSON.parse(await readFile(reservation, 'utf8'))
    await writeFile(reservation, JSON.stringify({ owner: { pid: 1, started: 'long gone' }, server, folder: data }))

    await sweepAbandoned()
    expect(isRunning(server)).toBe(false)
    expect(existsSync(data)).toBe(false)
    expect(await readdir(join(folder, 'ports'))).toEqual([String(mine.port)])
    const connection = await connect({ servers: mine.url })
    await connection.close()

    await mine.remove()
    vi.unstubAllEnvs()
    await rm(folder, { recursive: true })
  })
})

postgresExecutable.describe('a private PostgreSQL server', () => {
  async function query(url: string, text: string): Promise<readonly unknown[]> {
    const client = new pg.Client(url)
    await client.connect()
    const { rows } = await client.query<Record<string, unknown>>({ text })
    await client.end()
    return rows
  }

  test('keeps what was committed over a clean restart and a crash', async () => {
    const server = own(await startPostgres({ args: ['-c', 'max_connections=20'] }))
    await query(server.url, 'CREATE TABLE kept AS SELECT 1 AS value')
    await server.restart()
    await query(server.url, 'INSERT INTO kept VALUES (2)')
    await server.restart('SIGKILL')
    expect(await query(server.url, 'SELECT value FROM kept ORDER BY value')).toEqual([{ value: 1 }, { value: 2 }])
    expect(await query(server.url, 'SHOW max_connections')).toEqual([{ max_connections: '20' }])
    expect(await query(server.url, 'SHOW wal_level')).toEqual([{ wal_level: 'logical' }])
    expect(await readFile(server.logFile, 'utf8')).toContain('automatic recovery in progress')
  })

  test('wants its password', async () => {
    const server = own(await startPostgres())
    const wrong = server.url.replace('eds-test', 'wrong')
    await expect(query(wrong, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' })
  })
})
