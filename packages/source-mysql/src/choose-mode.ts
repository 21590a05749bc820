import type { OpenRequest } from '@eds/core'
import { logFault } from './binlog/server-log.js'
import { Database } from './database.js'
import type { MysqlSettings } from './settings.js'

/** The way of capturing: what the settings say, what a position was made by, and else by log where that can be. */
export async function chooseMode(
  settings: MysqlSettings,
  { after, signal }: OpenRequest,
): Promise<'binlog' | 'triggers'> {
  if (settings.mode !== 'auto') return settings.mode
  // A sink goes on in the way that it was begun, whatever the server allows by now.
  if (after !== undefined) return /^\d{10}_/.test(after) ? 'binlog' : 'triggers'
  const database = await Database.open(settings, signal)
  try {
    const fault = await logFault(database)
    const grants = await database.query('SHOW GRANTS')
    const { mode, reason } = choiceOf(fault?.message, mayReadLog(grants.flatMap(Object.values)))
    settings.logger.info({ source: settings.where, mode }, `capturing by ${mode}: ${reason}`)
    return mode
  } finally {
    await database.close()
  }
}

/** What keeps the log from being used, and whether it may be read → the way of capturing, and why, for people. Pure. */
export function choiceOf(
  fault: string | undefined,
  mayRead: boolean,
): { readonly mode: 'binlog' | 'triggers'; readonly reason: string } {
  if (fault !== undefined) return { mode: 'triggers', reason: fault }
  if (mayRead) return { mode: 'binlog', reason: 'the server and the rights of the user allow it' }
  const missing = 'REPLICATION SLAVE and REPLICATION CLIENT (MariaDB: BINLOG MONITOR) on *.*'
  return { mode: 'triggers', reason: `the user may not read the binary log, which takes ${missing}` }
}

/** Lines of `SHOW GRANTS` → whether the binary log may be read. Pure. */
export function mayReadLog(grants: readonly string[]): boolean {
  const general = grants.filter((line) => / ON \*\.\* /.test(line))
  const has = (pattern: RegExp) => general.some((line) => pattern.test(line))
  const everything = /GRANT ALL PRIVILEGES/
  return has(everything) || (has(/REPLICATION SLAVE/) && has(/REPLICATION CLIENT|BINLOG MONITOR|SUPER/))
}
