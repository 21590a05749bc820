import { EdsError } from '@eds/core'
import type { EventRange } from './event.js'

/** All state of a store but for events and firings; bounded in size. Commands change a draft of it. Dates: epoch microseconds. */
export interface Head {
  readonly version: 1
  /** Date of the newest step: time never goes behind it. */
  time: number
  nextSlot: number
  /** By `eventKey`. */
  readonly slots: Record<string, Slot>
  readonly writers: Record<string, Writer>
  /** What nothing refers to any more, to be removed by later steps. */
  readonly trash: { events: EventRange[]; firings: FiringRange[] }
  /** Unsettled firings whose events may be in other firings too, or expire: nothing is removed while there are any. */
  keptDue: number
  refused: Refusal[]
  readonly counts: { stored: number; expired: number; reset: number; fired: number; sent: number }
  lastFire?: number
}

/** What an endpoint has received. */
export interface Slot {
  readonly number: number
  /** How many dates {@link recent} may hold: what a window needs. */
  capacity: number
  /** Dates of the newest unused events, oldest first. */
  recent: number[]
  /** By writer. */
  readonly lines: Record<string, Line>
}

/** Events of one endpoint and writer. Unused are those with the numbers `used + 1` to `last`. */
export interface Line {
  used: number
  last: number
  /** Date of event `used + 1`, when there is one. */
  first: number
  /** Date of event `last`. */
  newest: number
}

/** Firings are numbered by writer, from 1. */
export interface Writer {
  fired: number
  /** All firings up to this number are settled. */
  settled: number
  /** Further ones that are settled. */
  done: number[]
  /** The instance that publishes them. */
  publisher: string
  /** When others may take over, unless it is renewed. */
  leaseUntil: number
}

export interface FiringRange {
  readonly writer: string
  readonly from: number
  readonly through: number
}

export interface Refusal {
  readonly name: string
  readonly date: number
  readonly error: string
}

export function newHead(): Head {
  return {
    version: 1,
    time: 0,
    nextSlot: 0,
    slots: {},
    writers: {},
    trash: { events: [], firings: [] },
    keptDue: 0,
    refused: [],
    counts: { stored: 0, expired: 0, reset: 0, fired: 0, sent: 0 },
  }
}

/** @throws EdsError `configuration` when a later version of this program wrote it. */
export function parseHead(text: string | undefined): Head {
  if (text === undefined) return newHead()
  // Only this program writes heads; the version says in which form.
  const head = JSON.parse(text) as Head
  if (head.version === 1) return head
  throw new EdsError('configuration', `the store has the form ${String(head.version)}, which is unknown here`, {
    fix: 'update this program, or start with another store',
  })
}

/** Firings that are not settled, oldest first, up to `limit` numbers ahead of the oldest. */
export function unsettled({ fired, settled, done }: Writer, limit = Number.POSITIVE_INFINITY): number[] {
  const numbers: number[] = []
  for (let number = settled + 1; number <= Math.min(fired, settled + limit); number++) {
    if (!done.includes(number)) numbers.push(number)
  }
  return numbers
}

export function unsettledCount({ fired, settled, done }: Writer): number {
  return fired - settled - done.length
}

/** Marks a firing as settled. False when it is already. */
export function settleNumber(writer: Writer, number: number): boolean {
  if (number <= writer.settled || number > writer.fired || writer.done.includes(number)) return false
  writer.done.push(number)
  while (writer.done.includes(writer.settled + 1)) {
    writer.settled++
    writer.done.splice(writer.done.indexOf(writer.settled), 1)
  }
  return true
}

/** `<writer>-<number>` → its parts. */
export function parseFiringName(name: string): { writer: string; number: number } {
  const dash = name.lastIndexOf('-')
  return { writer: name.slice(0, dash), number: Number(name.slice(dash + 1)) }
}
