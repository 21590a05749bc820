import type { Delivery } from '@eds/core'
import type { CapturedTable } from '../column.js'
import { Database } from '../database.js'
import type { MysqlSettings } from '../settings.js'
import { readSnapshot } from '../snapshot.js'
import { quoteName } from '../value-sql.js'
import { fileNumber, type LogPlace, logBase, logMvcc } from './log-place.js'
import { logEnd } from './server-log.js'

/** The rows as they were at one place of the log, exactly. */
export class LogSnapshot {
  readonly place: LogPlace
  readonly #database: Database
  readonly #settings: MysqlSettings
  readonly #tables: readonly CapturedTable[]

  private constructor(database: Database, settings: MysqlSettings, tables: readonly CapturedTable[], place: LogPlace) {
    this.#database = database
    this.#settings = settings
    this.#tables = tables
    this.place = place
  }

  static async begin(
    settings: MysqlSettings,
    tables: readonly CapturedTable[],
    signal: AbortSignal,
  ): Promise<LogSnapshot> {
    const database = await Database.open(settings, signal)
    try {
      await database.query('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ')
      const place = database.isMariadb
        ? await beginTold(database)
        : await beginLocked(database, settings, tables, signal)
      return new LogSnapshot(database, settings, tables, place)
    } catch (error) {
      await database.close()
      throw error
    }
  }

  rows(): AsyncGenerator<Delivery[]> {
    const plan = {
      tables: this.#tables,
      base: logBase(this.place),
      region: this.#settings.region,
      timestamp: this.#settings.clock.now(),
      mvccTimestamp: logMvcc(this.place),
    }
    return readSnapshot(this.#database, plan, this.#settings.bufferBytes)
  }

  close(): Promise<void> {
    return this.#database.close()
  }
}

const begin = 'START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY'

/** MariaDB says where in the log a snapshot stands (https://mariadb.com/kb/en/enhancements-for-start-transaction-with-consistent-snapshot/). */
async function beginTold(database: Database): Promise<LogPlace> {
  await database.query(begin)
  const rows = await database.query<{ Variable_name: string; Value: string }>("SHOW STATUS LIKE 'binlog_snapshot_%'")
  const values = new Map(rows.map(({ Variable_name: name, Value: value }) => [name.toLowerCase(), value]))
  const file = fileNumber(values.get('binlog_snapshot_file') ?? '')
  return { file, offset: Number(values.get('binlog_snapshot_position')), row: 0, gtid: '' }
}

/** MySQL does not: for a moment nobody may write, so that what is in the log and what the tables hold are the same. */
export async function beginLocked(
  database: Database,
  settings: MysqlSettings,
  tables: readonly CapturedTable[],
  signal: AbortSignal,
): Promise<LogPlace> {
  const locker = await Database.open(settings, signal)
  try {
    const locks = tables.map(({ name }) => `${quoteName(name)} READ`)
    if (locks.length > 0) await locker.query(`LOCK TABLES ${locks.join(', ')}`)
    const place = await logEnd(database)
    await database.query(begin)
    return place
  } finally {
    await locker.close()
  }
}
