import { createHash } from 'node:crypto'
import { type DriverContext, EdsError } from '@eds/core'
import type { Session } from './session.js'

const stateKey = 'writer-lock'
/** How long the server may take to end the session before this one. */
const waitSeconds = 10

/**
 * Makes sure that no earlier connection of this sink is still at work: when a process dies or a connection breaks, the server may go
 * on with what it was sent. Every connection holds a lock of the sink's own; a new one ends whoever holds it and waits until it is
 * free.
 *
 * @throws EdsError `connection` when the lock does not get free in time.
 */
export async function holdWriterLock(
  session: Session,
  { state, random }: Pick<DriverContext, 'state' | 'random'>,
  signal: AbortSignal,
): Promise<void> {
  const known = await state.get(stateKey)
  const number = known ?? String(Math.floor(random() * Number.MAX_SAFE_INTEGER))
  if (known === undefined) await state.write({ [stateKey]: number })
  // Locks are the server's, not the database's.
  const lock = createHash('sha256').update(`eds-writer ${number} ${session.server.database}`).digest('hex')
  if (await tryLock(session, lock, 0, signal)) return
  const [holder] = await session.query<{ id: number | null }>('SELECT IS_USED_LOCK(?) AS id', [lock], signal)
  if (holder?.id) await endSession(session, Number(holder.id), signal)
  if (await tryLock(session, lock, waitSeconds, signal)) return
  throw new EdsError('connection', 'MySQL: an earlier connection of this sink is still at work')
}

async function tryLock(session: Session, lock: string, seconds: number, signal: AbortSignal): Promise<boolean> {
  const [tried] = await session.query<{ held: number }>('SELECT GET_LOCK(?, ?) AS held', [lock, seconds], signal)
  await session.commit(signal)
  return Number(tried?.held) === 1
}

/** It is the same user's, so that it may be ended; it may also have ended by itself. */
async function endSession(session: Session, id: number, signal: AbortSignal): Promise<void> {
  try {
    await session.run(`KILL ${id}`, signal)
  } catch (error) {
    if (!(error instanceof EdsError && (error.cause as { errno?: number } | undefined)?.errno === 1094)) throw error
  }
}
