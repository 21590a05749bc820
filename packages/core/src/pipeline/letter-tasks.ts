import { EdsError, isEdsError } from '../errors.js'
import type { Position } from '../position.js'
import type { CarefulWriter } from './careful-writer.js'
import type { DeadLetter } from './dead-letter.js'
import type { DeadLetterDesk } from './dead-letter-desk.js'
import { decodeEvent } from './decode.js'
import type { DeadLetterOutcome } from './types.js'

/**
 * Applies dead letters again, oldest first, with no other write open. A letter behind one of the same row that stays open stays
 * where it is, and so does one whose row is not known: newer changes of it may have been applied since.
 */
export async function retryLetters(
  desk: DeadLetterDesk,
  writer: CarefulWriter,
  wanted: (letter: DeadLetter) => boolean,
): Promise<DeadLetterOutcome> {
  const blocked = new Set<string>()
  let applied = 0
  let failed = 0
  for await (const letter of desk.waiting()) {
    const { rowKey } = letter
    const isWanted = wanted(letter)
    const isDone = isWanted && !(rowKey !== undefined && blocked.has(rowKey)) && !(await reapply(writer, letter))
    if (isDone) {
      await desk.close([letter], 'retried')
      applied++
    } else {
      if (rowKey !== undefined) blocked.add(rowKey)
      if (isWanted) failed++
    }
  }
  return { applied, failed, skipped: 0 }
}

/** Gives letters up, then applies what was parked behind them. Without ids: all that are open. */
export async function skipLetters(
  desk: DeadLetterDesk,
  writer: CarefulWriter,
  ids: ReadonlySet<Position> | undefined,
): Promise<DeadLetterOutcome> {
  const rows = new Set<string>()
  let skipped = 0
  for await (const letter of desk.waiting()) {
    if (ids ? !ids.has(letter.id) : letter.status !== 'open') continue
    await desk.close([letter], 'skipped')
    if (letter.rowKey !== undefined) rows.add(letter.rowKey)
    skipped++
  }
  const isBehind = ({ status, rowKey }: DeadLetter) => status === 'parked' && rowKey !== undefined && rows.has(rowKey)
  return { ...(await retryLetters(desk, writer, isBehind)), skipped }
}

/** Resolves to the reason when the letter cannot be applied. */
async function reapply(writer: CarefulWriter, letter: DeadLetter): Promise<EdsError | undefined> {
  if (letter.rowKey === undefined) {
    return new EdsError('record', 'the row of this event is not known, so newer changes of it might be overtaken')
  }
  try {
    const { id, time, bytes } = letter
    return await writer.redeliver(decodeEvent({ position: id, time, bytes }))
  } catch (error) {
    if (isEdsError(error) && error.code === 'record') return error
    throw error
  }
}
