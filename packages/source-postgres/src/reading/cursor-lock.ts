import { EdsError } from '@eds/core'
import type { Client } from 'pg'
import { quoteText } from '../connection/quote.js'
import type { Settings } from '../settings.js'

/**
 * Takes the cursor for as long as the session lives: two readers would tell the database to forget what the other still needs, and
 * whoever removes it would take it away from its reader.
 *
 * @param patienceMs - how long to wait for whoever has it
 * @throws EdsError `connection` when somebody still has it
 */
export async function lockCursor(
  client: Client,
  cursor: string,
  { clock, endpoint }: Pick<Settings, 'clock' | 'endpoint'>,
  patienceMs: number,
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  // A host that vanished without a word would keep the cursor until its server's system gives the connection up: mostly two hours.
  await client.query('SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3')
  const deadline = clock.now() + patienceMs
  const key = quoteText(`eds cursor ${cursor}`)
  for (;;) {
    const { rows } = await client.query<{ taken: string }>(
      `SELECT pg_try_advisory_lock(hashtextextended(${key}, 0)) AS taken`,
    )
    if (rows[0]?.taken === 't') return
    if (clock.now() >= deadline) {
      throw new EdsError('connection', `${endpoint.where}: another reader uses the cursor "${cursor}"`, {
        fix: 'stop the other program that reads this database under that name; sinks that are named apart do not meet',
      })
    }
    await clock.sleep(100, signal)
  }
}
