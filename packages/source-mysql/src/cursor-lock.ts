import { createHash } from 'node:crypto'
import { EdsError } from '@eds/core'
import type { Database } from './database.js'
import type { MysqlSettings } from './settings.js'

/** A session whose host vanished without a word keeps its lock for so long. */
const silenceSeconds = 60
const signMs = 15_000

type LockSettings = Pick<MysqlSettings, 'database' | 'where' | 'logger'>

/**
 * Takes the cursor for as long as the session lives: two readers would tell the database to forget what the other still needs, and
 * whoever removes it would take it away from its reader.
 *
 * @param patienceMs - how long to wait for whoever has it
 * @throws EdsError `connection` when somebody still has it
 */
export async function lockCursor(
  database: Database,
  cursor: string,
  { database: name, where, logger }: LockSettings,
  patienceMs: number,
): Promise<void> {
  const taken = await getLock(database, lockName(name, cursor), patienceMs).catch((error: unknown) => {
    if (!(error instanceof EdsError) || error.retryable) throw error
    // Some clusters know no such locks.
    logger.warn({ reason: error.message }, 'the server does not keep the readers of a cursor apart')
    return true
  })
  if (taken) return
  throw new EdsError('connection', `${where}: another reader uses the cursor "${cursor}"`, {
    fix: 'stop the other program that reads this database under that name; sinks that are named apart do not meet',
  })
}

async function getLock(database: Database, name: string, patienceMs: number): Promise<boolean> {
  const [row] = await database.query<{ taken: string | null }>('SELECT GET_LOCK(?, ?) AS taken', [
    name,
    Math.ceil(patienceMs / 1_000),
  ])
  return row?.taken === '1'
}

/** Names are the server's, not the database's, and have 64 characters at most. */
function lockName(database: string, cursor: string): string {
  return `eds cursor ${createHash('sha1').update(`${database}\0${cursor}`).digest('hex')}`
}

/**
 * Makes the server end the session soon after nothing is heard of it any more, and lets it hear something. Gives what ends the signs;
 * they do not keep the program running.
 */
export async function giveSigns(database: Database): Promise<() => void> {
  await database.query(`SET SESSION wait_timeout = ${silenceSeconds}`)
  // Whoever uses the session next hears of what is wrong with it.
  const timer = setInterval(() => database.query('DO 1').catch(() => {}), signMs)
  timer.unref()
  return () => clearInterval(timer)
}
