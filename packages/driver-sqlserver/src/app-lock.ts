import { type DriverContext, EdsError } from '@eds/core'
import { quoteLiteral } from './identifier.js'
import type { Session } from './session.js'

const stateKey = 'writer-lock'
/** How long the server may take to end the session before this one: it notices a broken connection at once, or within seconds. */
const writerWaitMs = 10_000
/** How long others may take to make their tables. */
const migrationWaitMs = 60_000

/**
 * Makes sure that no earlier connection of this sink is still at work: when a process dies or a connection breaks, the server may go
 * on with the batch that it was sent, and finish it after newer ones. Every connection holds a lock of the sink's own until it ends.
 *
 * @throws EdsError `connection` when the lock does not get free in time.
 */
export async function holdWriterLock(
  session: Session,
  { state, random }: Pick<DriverContext, 'state' | 'random'>,
  signal: AbortSignal,
): Promise<void> {
  const known = await state.get(stateKey)
  const lock = known ?? String(Math.floor(random() * Number.MAX_SAFE_INTEGER))
  if (known === undefined) await state.write({ [stateKey]: lock })
  if (await acquire(session, `eds-writer-${lock}`, 'Session', writerWaitMs, signal)) return
  throw new EdsError('connection', 'SQL Server: an earlier connection of this sink is still at work', {
    fix: 'EDS waits for it; if it stays, end its session (KILL): its program name is that of this sink',
  })
}

/** Held while tables are made, so that two that start at once do not make the same one. Ends with the transaction. */
export async function holdMigrationLock(session: Session, signal: AbortSignal): Promise<void> {
  if (await acquire(session, 'eds-migration', 'Transaction', migrationWaitMs, signal)) return
  throw new EdsError('connection', 'SQL Server: another EDS is still making tables')
}

async function acquire(
  session: Session,
  resource: string,
  owner: 'Session' | 'Transaction',
  waitMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const [answer] = await session.query<{ result: number }>(
    `DECLARE @result INT; EXEC @result = sp_getapplock @Resource = ${quoteLiteral(resource)}, @LockMode = N'Exclusive', @LockOwner = N'${owner}', @LockTimeout = ${waitMs}; SELECT @result AS [result]`,
    signal,
  )
  // 0 and 1: granted, at once or after a wait; below: it was not (sp_getapplock's documentation).
  return answer !== undefined && answer.result >= 0
}
