import { requireService } from '@eds/tool-services/vitest'
import { expect, it, vi } from 'vitest'
import { runEds } from '../eds.js'
import { makeTables, mysqlDatabase, postgresDatabase, rules } from './databases.js'
import { admitted, running, startRealtime } from './program.js'

// Each test starts programs of its own, on a machine that may be busy.
vi.setConfig({ testTimeout: 150_000 })

const databases = [
  { service: await requireService('postgres'), make: postgresDatabase, modes: ['replication', 'triggers'] },
  { service: await requireService('mariadb'), make: mysqlDatabase, modes: ['binlog', 'triggers'] },
]

for (const { service, make, modes } of databases) {
  service.describe('eds realtime', () => {
    it.each(modes)('takes nothing from another program on the same database, by %s', async (mode) => {
      const database = await make(service.url)
      await makeTables(database)
      const environment = { ...database.environment, ...rules }
      const program = await startRealtime({ environment, words: ['--mode', mode] })
      await running(program)
      const second = await startRealtime({ environment, words: ['--mode', mode] })
      await second.prints(/another reader uses the cursor "sockets" \(stop the other program/)
      second.child.kill('SIGTERM')
      expect(await second.ended).toBe(0)
      expect(second.output()).toMatch(/still keeps the place of sockets \(.*another reader uses the cursor/)
      const refused = await runEds(['source', 'remove', '--url', database.url])
      expect([refused.code, refused.stderr]).toEqual([
        1,
        expect.stringContaining('another reader uses the cursor "sockets"'),
      ])
      const client = await admitted(program.url, 'one')
      await database.run(`INSERT INTO orders VALUES (1, 1, 'a', 's')`)
      await expect.poll(() => client.of('orders').length).toBe(1)
    })
  })
}
