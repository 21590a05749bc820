import { requireService } from '@eds/tool-services/vitest'
import { expect, it, vi } from 'vitest'
import { runEds, temporaryFolder } from '../eds.js'
import { makeTables, postgresDatabase } from './databases.js'

vi.setConfig({ testTimeout: 150_000 })

const postgres = await requireService('postgres')

postgres.describe('eds realtime', () => {
  it('tells everything that is wrong at once', async () => {
    const wrong = {
      PORT: 'x',
      MYSQL_DATABASE: 'shop',
      MYSQL_PORT: 'y',
      TABLE_AUTH_COLUMN_ROUTING: `'{orders: userId}'`,
      FILTERS: 'password',
      USE_SSL: 'yes',
    }
    const { code, stderr } = await runEds(['realtime'], { cwd: temporaryFolder(), env: wrong })
    expect(code).toBe(3)
    for (const part of [
      'PORT is "x"',
      'MYSQL_PORT is "y"',
      'ROUTING (--routing) must be JSON',
      '"password" must be table.column',
      'SSL_CERT',
      'SSL_KEY',
    ])
      expect(stderr).toContain(part)
    expect(await runEds(['realtime'], { cwd: temporaryFolder() })).toMatchObject({
      code: 3,
      stderr: 'error: no database: set POSTGRES_DATABASE_URL or MYSQL_DATABASE, or give --source\n',
    })
  })

  it('names tables and columns that the database does not have', async () => {
    const database = await postgresDatabase(postgres.url)
    await makeTables(database)
    const env = {
      ...database.environment,
      TABLE_NAMES: 'orders,ordres',
      FILTERS: 'orders.password',
      TABLE_AUTH_COLUMN_ROUTING: '{"orders":"user_id","newz":"*"}',
      AUTH_COLUMN: 'tokn',
    }
    const { code, stderr } = await runEds(['realtime', '--port', '0'], { cwd: temporaryFolder(), env })
    expect(code).toBe(3)
    expect(stderr).toMatch(/TABLE_NAMES: there is no table "ordres"/)
    expect(stderr).toMatch(/TABLE_AUTH_COLUMN_ROUTING: there is no table "newz"/)
    expect(stderr).toMatch(/FILTERS: table "orders" has no column "password"/)
    expect(stderr).toMatch(/TABLE_AUTH_COLUMN_ROUTING: table "orders" has no column "user_id"/)
    expect(stderr).toMatch(/AUTH_TABLE and AUTH_COLUMN: .*column "tokn" does not exist/)
    expect(stderr).not.toContain('delivering from')
    const keyless = { ...database.environment, FILTERS: 'orders.id' }
    const copying = await runEds(['realtime', '--port', '0', '--url', 'file:///tmp/x'], {
      cwd: temporaryFolder(),
      env: keyless,
    })
    expect([copying.code, copying.stderr]).toEqual([
      3,
      expect.stringContaining('FILTERS: "id" is a key of table "orders"'),
    ])
  })
})
