import type { DeadLetter, Position } from '@eds/core'
import { checkDurable } from './durability-oracle.js'
import { foldRow, type Ledger, rowText } from './ledger.js'
import { isWaiting, type LetterDisk } from './simulated-dead-letters.js'
import type { SimulatedDestination } from './simulated-destination.js'
import { type LedgerEvent, maskedUser } from './workload.js'

/** All that is wrong with what a sink has in the end, after everything was read and no fault was left. */
export function checkFinal(ledger: Ledger, destination: SimulatedDestination, masks: boolean): string[] {
  const last = ledger.events.at(-1)
  const durable = last && checkDurable(ledger, destination, last.position)
  const rows = [...ledger.rows].flatMap(([rowKey, events]) => checkRow(destination, rowKey, events))
  const letters = [...destination.letters.values()].flatMap((letter) => checkLetter(ledger, destination, letter))
  const leaks = masks
    ? [...destination.letters.values()].filter(leaksMasked).map(({ id }) => `dead letter ${id} shows what is masked`)
    : []
  return [...(durable === undefined ? [] : [durable]), ...rows, ...letters, ...leaks]
}

/** A letter that no stage has seen holds what the source sent. */
function leaksMasked({ bytes, raw }: DeadLetter): boolean {
  return !raw && Buffer.from(bytes).includes(maskedUser)
}

function checkRow(destination: SimulatedDestination, rowKey: string, events: readonly LedgerEvent[]): string[] {
  const { applied, letters, sink, rows, versions } = destination
  const name = rowKey.replace('\0', '/')
  const settled = events.filter(({ position }) => applied.has(position) && !isLeftOut(letters.get(position)))
  const version = versions.get(rowKey) ?? 0
  const newest = settled.at(-1)?.sequence ?? 0
  if (version < newest) return [`row ${name} shows event ${version} instead of ${newest}`]
  if (sink.flavour === 'log' || showsMore(destination, events)) return []
  const counted = events.filter((event) => settled.includes(event) || mustBeCovered(letters, event))
  const [expected, actual] = [rowText(foldRow(counted)), rowText(rows.get(rowKey))]
  return expected === actual ? [] : [`row ${name} is ${actual} instead of ${expected}`]
}

/** True for a letter that says of its event that it is not applied. */
function isLeftOut(letter: DeadLetter | undefined): boolean {
  return letter !== undefined && (isWaiting(letter) || letter.status === 'skipped')
}

/** True when an event shows that was set aside because nobody could tell whether it had been applied: it may, or it may not. */
function showsMore({ applied, letters }: SimulatedDestination, events: readonly LedgerEvent[]): boolean {
  const last = events.findLastIndex(
    ({ position, whole }) => whole && applied.has(position) && !isLeftOut(letters.get(position)),
  )
  return events.slice(last + 1).some(({ position }) => applied.has(position) && isLeftOut(letters.get(position)))
}

/**
 * What was superseded must make no difference: a later image has to have covered its columns. A delete is left out: what it would have
 * removed from columns that the later image does not know, nobody can tell.
 */
function mustBeCovered(letters: LetterDisk, { position, fate, operation }: LedgerEvent): boolean {
  return fate === 'sound' && operation !== 'DELETE' && letters.get(position)?.status === 'superseded'
}

function checkLetter(ledger: Ledger, destination: SimulatedDestination, letter: DeadLetter): string[] {
  const event = ledger.at(letter.id)
  if (event === undefined || event.fate === 'skipped')
    return [`dead letter ${letter.id} is of no event that was to be delivered`]
  if (letter.status === 'open' && !deserved(destination, letter, event))
    return [`event ${letter.id} was set aside without need: ${letter.code}, ${letter.reason}`]
  if (letter.status === 'retried' && !destination.applied.has(letter.id))
    return [`dead letter ${letter.id} is said to have been applied, and was not`]
  if (letter.status === 'parked' && !standsBehind(ledger, destination, event))
    return [`dead letter ${letter.id} is parked behind nothing`]
  if (letter.status === 'superseded' && !wasSuperseded(ledger, destination, event))
    return [`dead letter ${letter.id} is said to be superseded, and is not`]
  return []
}

/** A letter that is parked although no earlier one of its row waits. What is beyond `through` will be read again, and seen to then. */
export function parkedBehindNothing(
  ledger: Ledger,
  destination: SimulatedDestination,
  through: Position | undefined,
): Position | undefined {
  return [...destination.letters.values()].find(({ id, status }) => {
    const event = ledger.at(id)
    if (status !== 'parked' || event === undefined || (through !== undefined && id > through)) return false
    return !standsBehind(ledger, destination, event)
  })?.id
}

/** After a repair: a letter that can be applied now, and is not behind one of its row that never can. */
export function stillWaiting(ledger: Ledger, letters: LetterDisk): DeadLetter | undefined {
  const isHopeless = ({ position, fate }: LedgerEvent) => fate !== 'sound' && isWaitingAt(letters, position)
  return [...letters.values()].find((letter) => {
    const event = ledger.at(letter.id)
    return isWaiting(letter) && event?.fate === 'sound' && !ledger.before(event).some(isHopeless)
  })
}

function isWaitingAt(letters: LetterDisk, position: Position): boolean {
  const letter = letters.get(position)
  return letter !== undefined && isWaiting(letter)
}

/** Only what can never be applied is set aside, and what met errors that nobody knows more than once. */
function deserved(
  destination: SimulatedDestination,
  { id, code, triedAt }: DeadLetter,
  { fate }: LedgerEvent,
): boolean {
  if (fate !== 'sound') return true
  const unknownErrors = destination.unknownErrors.get(id) ?? 0
  // One that was set aside before is tried once each time.
  if (code === 'unknown') return unknownErrors > (triedAt === undefined ? 1 : 0)
  return code === 'record' && destination.isPoison(id)
}

function standsBehind(ledger: Ledger, { letters }: SimulatedDestination, event: LedgerEvent): boolean {
  return ledger.before(event).some(({ position }) => {
    const letter = letters.get(position)
    return letter !== undefined && isWaiting(letter)
  })
}

function wasSuperseded(ledger: Ledger, { applied }: SimulatedDestination, event: LedgerEvent): boolean {
  const row = ledger.rows.get(event.rowKey ?? '') ?? []
  return row.some(({ sequence, whole, position }) => sequence >= event.sequence && whole && applied.has(position))
}
