import { type DriverContext, EdsError } from '@eds/core'
import { quoteLiteral } from './identifier.js'
import type { Session } from './session.js'

const stateKey = 'writer-lock'
/** How long a batch of an earlier connection may still take. */
const writerWaitMs = 10_000
/** How long others may take to make their tables. */
const migrationWaitMs = 60_000

/** The name of the lock under which all batches of this sink are applied. */
export async function writerLockOf({ state, random }: Pick<DriverContext, 'state' | 'random'>): Promise<string> {
  const known = await state.get(stateKey)
  const lock = known ?? String(Math.floor(random() * Number.MAX_SAFE_INTEGER))
  if (known === undefined) await state.write({ [stateKey]: lock })
  return `eds-writer-${lock}`
}

/**
 * Makes sure that no earlier connection of this sink is still at work: when a process dies or a connection breaks, the server may go
 * on with the batch that it was sent, and finish it after newer ones. Each batch holds the lock until its transaction ends.
 *
 * @throws EdsError `connection` when that takes too long.
 */
export async function awaitWriters(session: Session, lock: string, signal: AbortSignal): Promise<void> {
  await session.query('BEGIN TRANSACTION', signal)
  const free = await acquire(session, lock, writerWaitMs, signal)
  await session.query('ROLLBACK TRANSACTION', signal)
  if (free) return
  throw new EdsError('connection', 'SQL Server: a batch of an earlier connection of this sink is still at work')
}

/** Held while tables are made, so that two that start at once do not make the same one. Ends with the transaction. */
export async function holdMigrationLock(session: Session, signal: AbortSignal): Promise<void> {
  if (await acquire(session, 'eds-migration', migrationWaitMs, signal)) return
  throw new EdsError('connection', 'SQL Server: another EDS is still making tables')
}

/** Until the end of the transaction. */
async function acquire(session: Session, resource: string, waitMs: number, signal: AbortSignal): Promise<boolean> {
  const [answer] = await session.query<{ result: number }>(
    `DECLARE @result INT; EXEC @result = sp_getapplock @Resource = ${quoteLiteral(resource)}, @LockMode = N'Exclusive', @LockOwner = N'Transaction', @LockTimeout = ${waitMs}; SELECT @result AS [result]`,
    signal,
  )
  // 0 and 1: granted, at once or after a wait; below: it was not (sp_getapplock's documentation).
  return answer !== undefined && answer.result >= 0
}
