import type { Clock } from '@eds/core'
import { qualified } from './schema.js'
import type { Session } from './session.js'
import { tombstoneTable } from './statements.js'

const hourMs = 3_600_000

/** Forgets deleted keys that are older than any change that can still come again. Looks once an hour. */
export class TombstoneSweeper {
  readonly #days: number
  readonly #clock: Clock
  #next = 0

  constructor(days: number, clock: Clock) {
    this.#days = days
    this.#clock = clock
  }

  async sweep(session: Session, signal: AbortSignal): Promise<void> {
    const now = this.#clock.now()
    if (now < this.#next) return
    const table = qualified(tombstoneTable, session.server)
    const oldest = new Date(now - this.#days * 24 * hourMs).toISOString()
    await session.query(`DELETE FROM ${table} WHERE deleted_at < $1::timestamptz`, [oldest], signal)
    this.#next = now + hourMs
  }
}

/** The table begins anew: what was deleted from the old one says nothing about the new one. */
export async function forgetTombstones(session: Session, table: string, signal: AbortSignal): Promise<void> {
  const tombstones = qualified(tombstoneTable, session.server)
  const [found] = await session.query<{ found: boolean }>(
    'SELECT to_regclass($1) IS NOT NULL AS found',
    [tombstones],
    signal,
  )
  if (found?.found) await session.query(`DELETE FROM ${tombstones} WHERE table_name = $1`, [table], signal)
}
