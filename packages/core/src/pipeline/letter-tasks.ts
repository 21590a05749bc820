import { type EdsError, isEdsError } from '../errors.js'
import type { Position } from '../position.js'
import type { CarefulWriter } from './careful-writer.js'
import type { DeadLetter } from './dead-letter.js'
import { type DeadLetterDesk, isFullImage, reasonOf } from './dead-letter-desk.js'
import { decodeEvent } from './decode.js'
import { LetterTally } from './letter-outcome.js'
import { runStages } from './run-stages.js'
import type { SchemaDesk } from './schema-desk.js'
import type { DeadLetterOutcome, EventStage } from './types.js'

/** What the tasks work with. */
export interface LetterTools {
  readonly desk: DeadLetterDesk
  readonly writer: CarefulWriter
  /** For letters that were set aside before the stages had seen them. */
  readonly stages: readonly EventStage[]
  readonly schemas: Pick<SchemaDesk, 'columnsOf'> | undefined
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
  tally = new LetterTally(),
): Promise<DeadLetterOutcome> {
  const { desk, through } = tools
  /** Row → its first letter that stays. */
  const blocked = new Map<string, Position>()
  for await (const letter of desk.waiting()) {
    const { id, rowKey, status } = letter
    const obstacle = obstacleOf(letter, blocked, through)
    // Nothing of its row waits in front of a parked one any more: its turn has come.
    const isWanted = (status === 'parked' && obstacle === undefined) || wanted(letter)
    const error = isWanted && obstacle === undefined ? await reapply(tools, letter) : undefined
    if (isWanted && obstacle === undefined && error === undefined) {
      await desk.close([letter], 'retried')
      tally.applied()
      continue
    }
    if (error) await desk.reopen(id, error)
    if (rowKey !== undefined && !blocked.has(rowKey)) blocked.set(rowKey, id)
    if (isWanted) tally.failed(id, obstacle ?? (error ? reasonOf(error) : ''))
  }
  return tally.outcome()
}

/**
 * Gives letters up, then applies what was parked behind them. A partial change behind a whole row that is given up is given up with it: on
 * top of nothing it would make a row that never was. Without ids: all that are open.
 */
export async function skipLetters(
  tools: LetterTools,
  ids: ReadonlySet<Position> | undefined,
): Promise<DeadLetterOutcome> {
  const { desk, through } = tools
  const tally = new LetterTally()
  const givenUp: Pick<DeadLetter, 'id' | 'rowKey'>[] = []
  /** Rows of which a whole image is given up, and none comes after it. */
  const rows = new Set<string>()
  for await (const letter of desk.waiting()) {
    const { id, rowKey, status } = letter
    const isNamed = ids ? ids.has(id) : status === 'open'
    if (isAhead(letter, through)) {
      if (isNamed && ids) tally.failed(id, aheadReason)
      continue
    }
    const extent = extentOf(letter, tools)
    const isBehind = rowKey !== undefined && rows.has(rowKey) && extent === 'partial'
    if (isNamed || isBehind) givenUp.push({ id, ...(rowKey !== undefined && { rowKey }) })
    if (isNamed) tally.skipped()
    else if (isBehind) tally.skippedBehind(id)
    if (rowKey === undefined || extent === 'partial') continue
    if (isNamed) rows.add(rowKey)
    else if (extent === 'whole') rows.delete(rowKey)
  }
  // The last one first: should a crash come between, nothing partial is left without what it stands behind.
  await desk.close(givenUp.reverse(), 'skipped')
  return retryLetters(tools, () => false, tally)
}

const aheadReason = 'its turn comes when the sink has read so far again'

/** Why a letter cannot be tried now; `undefined` when it can. */
function obstacleOf(
  letter: DeadLetter,
  blocked: ReadonlyMap<string, Position>,
  through: Position | undefined,
): string | undefined {
  const { rowKey } = letter
  if (isAhead(letter, through)) return aheadReason
  if (rowKey === undefined) return 'its row is not known, so newer changes of it might be overtaken'
  const front = blocked.get(rowKey)
  return front === undefined ? undefined : `waits behind the dead letter ${front} of the same row`
}

function isAhead({ id }: DeadLetter, through: Position | undefined): boolean {
  return through !== undefined && id > through
}

/** How much of its row a letter holds. Of one that cannot be read nobody knows: it may have been the row's first. */
function extentOf({ id, time, bytes }: DeadLetter, { schemas }: LetterTools): 'whole' | 'partial' | 'unreadable' {
  try {
    const event = decodeEvent({ position: id, time, bytes })
    return event.operation === 'INSERT' || isFullImage(event, schemas?.columnsOf(event.table)) ? 'whole' : 'partial'
  } catch {
    return 'unreadable'
  }
}

/** Resolves to the reason when the letter cannot be applied. */
async function reapply({ writer, stages }: LetterTools, letter: DeadLetter): Promise<EdsError | undefined> {
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
