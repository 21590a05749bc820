import { EdsError, isEdsError } from '../errors.js'
import type { Position } from '../position.js'
import type { CarefulWriter } from './careful-writer.js'
import type { DeadLetter } from './dead-letter.js'
import type { DeadLetterDesk } from './dead-letter-desk.js'
import { decodeEvent } from './decode.js'
import { runStages } from './run-stages.js'
import type { DeadLetterOutcome, EventStage } from './types.js'

/** What the tasks work with. */
export interface LetterTools {
  readonly desk: DeadLetterDesk
  readonly writer: CarefulWriter
  /** For letters that were set aside before the stages had seen them. */
  readonly stages: readonly EventStage[]
  /**
   * How far the lane has come. What is set aside beyond that will be read once more, in its turn: it must not be applied before.
   * Absent when the lane cannot tell.
   */
  readonly through: Position | undefined
}

/**
 * Applies the wanted dead letters again, oldest first, with no other write open, and what is parked behind nothing then. A letter behind one of the same
 * row that stays open stays where it is, and so does one whose row is not known: newer changes of it may have been applied since.
 */
export async function retryLetters(
  tools: LetterTools,
  wanted: (letter: DeadLetter) => boolean,
): Promise<DeadLetterOutcome> {
  const { desk, through } = tools
  const blocked = new Set<string>()
  let applied = 0
  let failed = 0
  for await (const letter of desk.waiting()) {
    const { rowKey, status } = letter
    const isFree = !(rowKey !== undefined && blocked.has(rowKey)) && !isAhead(letter, through)
    // Nothing of its row waits in front of it any more: its turn has come.
    const isNext = status === 'parked' && isFree
    const isWanted = isNext || wanted(letter)
    if (isWanted && isFree && !(await reapply(tools, letter))) {
      await desk.close([letter], 'retried')
      applied++
    } else {
      if (isNext) await desk.reopen(letter.id)
      if (rowKey !== undefined) blocked.add(rowKey)
      if (isWanted) failed++
    }
  }
  return { applied, failed, skipped: 0 }
}

/** Gives letters up, then applies what was parked behind them. Without ids: all that are open. */
export async function skipLetters(
  tools: LetterTools,
  ids: ReadonlySet<Position> | undefined,
): Promise<DeadLetterOutcome> {
  const { desk, through } = tools
  let skipped = 0
  for await (const letter of desk.waiting()) {
    if (isAhead(letter, through) || (ids ? !ids.has(letter.id) : letter.status !== 'open')) continue
    await desk.close([letter], 'skipped')
    skipped++
  }
  return { ...(await retryLetters(tools, () => false)), skipped }
}

function isAhead({ id }: DeadLetter, through: Position | undefined): boolean {
  return through !== undefined && id > through
}

/** Resolves to the reason when the letter cannot be applied. */
async function reapply({ writer, stages }: LetterTools, letter: DeadLetter): Promise<EdsError | undefined> {
  if (letter.rowKey === undefined) {
    return new EdsError('record', 'the row of this event is not known, so newer changes of it might be overtaken')
  }
  try {
    const { id, time, bytes, raw } = letter
    const event = decodeEvent({ position: id, time, bytes })
    const staged = raw ? runStages(event, stages) : event
    return staged && (await writer.redeliver(staged))
  } catch (error) {
    if (isEdsError(error) && error.code === 'record') return error
    throw error
  }
}
