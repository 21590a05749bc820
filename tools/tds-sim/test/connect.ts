import sql from 'mssql'
import type { TdsSim } from '../src/index.js'

export const account = { user: 'eds', password: 'Pass word!9', database: 'shop' }

/** A pool of one connection of the real client. */
export function connect(sim: TdsSim, change: Partial<sql.config> = {}): Promise<sql.ConnectionPool> {
  return new sql.ConnectionPool({
    server: '127.0.0.1',
    port: sim.port,
    ...account,
    pool: { max: 1, min: 0 },
    options: { encrypt: false, appName: 'eds-test' },
    ...change,
  }).connect()
}
