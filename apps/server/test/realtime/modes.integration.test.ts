import { requireService } from '@eds/tool-services/vitest'
import { describe, expect, it, vi } from 'vitest'
import { makeTables, mysqlDatabase, postgresDatabase, rules } from './databases.js'
import { admitted, type Client, connectClient, running, startRealtime } from './program.js'

// Each test starts programs of its own, on a machine that may be busy.
vi.setConfig({ testTimeout: 150_000 })

const postgres = await requireService('postgres')
const mariadb = await requireService('mariadb')

const databases = [
  { name: 'PostgreSQL', service: postgres, make: postgresDatabase, modes: ['replication', 'triggers'] },
  { name: 'MariaDB', service: mariadb, make: mysqlDatabase, modes: ['binlog', 'triggers'] },
]

const brief = (client: Client) => client.of('changes').map(({ table, type, data }) => [table, type, data])

for (const { name, service, make, modes } of databases) {
  service.describe(`eds realtime on ${name}`, () => {
    describe.each(modes)('%s', (mode) => {
      it('sends each change to those who may see it, and to nobody else', async () => {
        const database = await make(service.url)
        await makeTables(database)
        await database.run(`INSERT INTO orders VALUES (9, 1, 'before the start', 's')`)
        const environment = { ...database.environment, ...rules }
        const program = await startRealtime({ environment, words: ['--mode', mode] })
        await running(program)
        const refused = connectClient(program.url, 'three')
        const first = await admitted(program.url, 'one')
        const again = await admitted(program.url, 'one')
        const second = await admitted(program.url, 'two')
        expect(first.of('connected')).toEqual([
          { sessionId: first.socket.id, userId: 1, code: 200, message: expect.any(String) },
        ])

        await database.run(`INSERT INTO orders VALUES (1, 1, 'mine', 'secret'), (2, 2, 'yours', 'secret')`)
        await database.run(`UPDATE orders SET note = 'changed' WHERE id = 1`)
        await database.run('DELETE FROM orders WHERE id = 1')
        await database.run('INSERT INTO messages VALUES (1, 1, 2), (2, 1, 1), (3, 7, 8)')
        await database.run(`INSERT INTO audit VALUES (1, 1)`)
        await database.run(`INSERT INTO news VALUES (1, 'for all')`)
        await expect.poll(() => [first, again, second].every((one) => one.of('news').length === 1)).toBe(true)

        const news = ['news', 'insert', { id: 1, title: 'for all' }]
        const toBoth = ['messages', 'insert', { id: 1, sender: 1, receiver: 2 }]
        expect(brief(first)).toEqual([
          ['orders', 'insert', { id: 1, userId: 1, note: 'mine' }],
          ['orders', 'update', { id: 1, userId: 1, note: 'changed' }],
          ['orders', 'delete', { id: 1, userId: 1, note: 'changed' }],
          toBoth,
          ['messages', 'insert', { id: 2, sender: 1, receiver: 1 }],
          news,
        ])
        expect(brief(again)).toEqual(brief(first))
        expect(brief(second)).toEqual([['orders', 'insert', { id: 2, userId: 2, note: 'yours' }], toBoth, news])
        expect(refused.received).toEqual([['error', { code: 401, message: 'Unauthorized' }]])
        expect(refused.socket.connected).toBe(false)

        // Each change came twice: by its table's name, then as `changes`.
        const changes = first.received.slice(1)
        expect(changes.filter((_, index) => index % 2 === 0).map(([event]) => event)).toEqual(
          first.of('changes').map(({ table }) => table),
        )
        expect(changes[0]?.[1]).toEqual(changes[1]?.[1])
        expect(changes[0]?.[1]).toEqual({
          id: expect.stringMatching(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/),
          table: 'orders',
          type: 'insert',
          data: { id: 1, userId: 1, note: 'mine' },
          source: database.source,
          source_type: 'database',
          timestamp: expect.any(Number),
          version: 1,
        })

        program.child.kill('SIGTERM')
        expect(await program.ended).toBe(0)
        expect(program.output()).toMatch(/INFO {2}stopped\n$/)
        expect(program.output().match(/^(?:WARN|ERROR) .*$/gm)).toEqual([
          expect.stringContaining('changes of "audit" are sent to nobody'),
        ])
      })
    })
  })
}
