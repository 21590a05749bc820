import type { DriverContext } from '@eds/core'
import type { Session } from './session.js'

const stateKey = 'writer-lock'
/** How long the server may take to end the session before this one. */
const waitMs = 10_000

/**
 * Makes sure that no earlier connection of this sink is still at work: when a process dies or a connection breaks, the server may go
 * on with the batch that it was sent, and finish it after newer ones. Every connection holds a lock of the sink's own; a new one ends
 * whoever holds it and waits until it is free.
 *
 * @throws EdsError `connection` when the lock does not get free in time.
 */
export async function holdWriterLock(
  session: Session,
  { state, random }: Pick<DriverContext, 'state' | 'random'>,
  signal: AbortSignal,
): Promise<void> {
  // CockroachDB knows the functions, but they lock nothing.
  if (session.server.cockroach) return
  const known = await state.get(stateKey)
  const lock = known ?? String(Math.floor(random() * Number.MAX_SAFE_INTEGER))
  if (known === undefined) await state.write({ [stateKey]: lock })
  const [tried] = await session.query<{ held: boolean }>('SELECT pg_try_advisory_lock($1) AS held', [lock], signal)
  if (tried?.held) return
  await session.query(endHolder, [lock], signal)
  await session.query(`SET lock_timeout = ${waitMs}`, undefined, signal)
  await session.query('SELECT pg_advisory_lock($1)', [lock], signal)
  await session.query('RESET lock_timeout', undefined, signal)
}

/** A lock of one 64-bit number is listed with its two halves; the session is the same role's, so that it may be ended. */
const endHolder = `
SELECT pg_terminate_backend(pid) FROM pg_locks
WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND pid <> pg_backend_pid()
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND classid::bigint = ($1::bigint >> 32) AND objid::bigint = ($1::bigint & 4294967295)`
