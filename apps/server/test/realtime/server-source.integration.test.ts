import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { requireService } from '@eds/tool-services/vitest'
import { describe, expect, it } from 'vitest'
import { runEds, startEds, temporaryFolder } from '../eds.js'
import { eventText, testStream } from '../world.js'
import { makeTables, mysqlDatabase, postgresDatabase } from './databases.js'
import { admitted } from './program.js'

const postgres = await requireService('postgres')
const mariadb = await requireService('mariadb')
const nats = await requireService('nats')

const local = ['--port', '0', '--host', '127.0.0.1']

function notesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ndjson'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n'))
    .map((line) => JSON.parse(line))
    .map(({ operation, after }) => `${operation} ${after.note}`)
}

for (const [name, service, make] of [
  ['PostgreSQL', postgres, postgresDatabase],
  ['MariaDB', mariadb, mysqlDatabase],
] as const) {
  service.describe(`eds server --source on ${name}`, () => {
    it('delivers the rows that are there, and the changes that come, into any destination', async () => {
      const database = await make(service.url)
      await makeTables(database)
      await database.run(`INSERT INTO orders VALUES (1, 1, 'before', 's')`)
      const cwd = temporaryFolder()
      const out = temporaryFolder()
      const target = `copy=file://${out}?format=ndjson`
      const words = ['server', '--source', database.url, '--tables', 'orders', '--start', 'beginning', ...local]
      const call = startEds([...words, '--url', target], { cwd })
      await expect.poll(() => notesIn(out)).toEqual(['INSERT before'])
      await database.run(`UPDATE orders SET note = 'after' WHERE id = 1`)
      await expect.poll(() => notesIn(out)).toEqual(['INSERT before', 'UPDATE after'])
      call.stop()
      expect(await call.done).toBe(0)
      expect((await runEds(['source', 'remove', '--url', database.url])).stdout).toMatch(/^removed /)
    })
  })
}

nats.describe('a socketio:// destination of eds server', () => {
  postgres.describe('with tokens in PostgreSQL', () => {
    it('serves sockets on the server’s own port, and leaves no consumer behind', async () => {
      const stream = await testStream(nats.url)
      const database = await postgresDatabase(postgres.url)
      await makeTables(database)
      const cwd = temporaryFolder()
      const query = `routing=${encodeURIComponent('{"note":"userId"}')}&authUrl=${encodeURIComponent(database.url)}`
      const words = ['server', '--server', nats.url, '--stream', stream.name, ...local]
      const call = startEds([...words, '--url', `live=socketio:///socket.io?${query}`], { cwd })
      await call.prints(/delivering from/)
      const { port } = JSON.parse(readFileSync(join(cwd, 'data/control.json'), 'utf8'))
      await expect
        .poll(async () => (await fetch(`http://127.0.0.1:${port}/`)).text())
        .toBe('{"status":"ok","sinks":{"live":"running"}}')
      const client = await admitted(`http://127.0.0.1:${port}`, 'one')
      for (const [id, userId] of [
        ['1', 2],
        ['2', 1],
      ])
        await stream.publishRaw('note.INSERT.c.l.PUBLIC.1', eventText({ row: { id, userId } }))
      await expect.poll(() => client.of('note').map(({ data }) => data)).toEqual([{ id: '2', userId: 1 }])
      expect(await stream.consumers()).toEqual(['edsd-live'])
      call.stop()
      expect(await call.done).toBe(0)
      expect(await stream.consumers()).toEqual([])
    })
  })
})

describe('eds server --source', () => {
  it.each([
    [['--source', 'kafka://x/y'], /^error: changes of kafka:\/\/ cannot be captured/],
    [['--source', 'mysql://x/y', '--mode', 'replication'], /^error: --mode "replication" is no way to capture/],
    [['--source', 'mysql://x/y', '--stream', 'z'], /^error: --source does not go with --stream/],
    [['--source', 'mysql://x/y', '--creds', 'z'], /^error: --source does not go with --creds/],
    [['--tables', 'a'], /^error: --tables needs a database/],
  ])('%j is refused', async (words, message) => {
    const { code, stderr } = await runEds(['server', '--url', 'file:///tmp/x', ...words], { cwd: temporaryFolder() })
    expect(stderr).toMatch(message)
    expect(code).toBe(3)
  })
})
