import sql from 'mssql'
import type { TdsSim } from '../src/index.js'

export const account = { user: 'eds', password: 'Pass word!9', database: 'shop' }

/** A pool of one connection of the real client. */
export function connect(sim: TdsSim, change: Partial<sql.config> = {}): Promise<sql.ConnectionPool> {
  const pool = new sql.ConnectionPool({
    server: '127.0.0.1',
    port: sim.port,
    ...account,
    pool: { max: 1, min: 0 },
    options: { encrypt: false, appName: 'eds-test' },
    ...change,
  })
  // When a server cuts the socket during a request, tedious 19 meets the end of its stream twice, and tells of the second time by an
  // `error` event ("No event 'socketError' in state 'Final'") that mssql hands to the pool: without a listener it would be thrown.
  pool.on('error', () => undefined)
  return pool.connect()
}
