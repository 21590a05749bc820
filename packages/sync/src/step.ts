import { EdsError } from '@eds/core'
import { type EventPlace, type EventRange, eventIdOf, placesOf, rangeLength } from './event.js'
import type { Head, Line, Slot } from './head.js'
import type { PlacedEvent, PlacedFiring, StorageChange, StoredHead, SyncStorage } from './storage.js'
import { removeTrash } from './trash.js'

/** Events removed by one step at most, so that none takes long. */
const maxRemoved = 512

/** A step in the making: a draft of the head, and what goes with it. */
export class Step {
  readonly head: Head
  readonly events: PlacedEvent[] = []
  readonly firings: PlacedFiring[] = []
  readonly adopted: string[] = []
  readonly #used: EventRange[] = []
  readonly #removed: StorageChange['removed']
  readonly #storage: SyncStorage
  readonly #stored = new Map<string, number>()

  constructor(head: Head, storage: SyncStorage) {
    this.head = head
    this.#storage = storage
    // Before anything else: what this step itself throws away must still be there after a crash.
    this.#removed = removeTrash(head, maxRemoved)
  }

  add(placed: PlacedEvent): void {
    this.events.push(placed)
    this.#stored.set(eventIdOf(placed.place), placed.event.date)
  }

  /** Marks the line's events up to a number as used. */
  use(slot: Slot, writer: string, through: number): EventRange | undefined {
    const line = slot.lines[writer]
    if (line === undefined || through <= line.used) return undefined
    const range = { writer, slot: slot.number, from: line.used + 1, through }
    this.#used.push(range)
    line.used = through
    return range
  }

  /** Nothing refers to these events any more. */
  discard(range: EventRange): void {
    this.head.trash.events.push(range)
  }

  /**
   * Marks as used what is older than `since`, so that a line's unused events are those of the observation period. Looks at a number of
   * events that grows with the logarithm of how many there are, and at none as long as the oldest is young enough.
   */
  async expire(slot: Slot, since: number): Promise<void> {
    for (const [writer, line] of Object.entries(slot.lines)) {
      if (line.used === line.last || line.first >= since) continue
      const through = await this.#lastBefore(slot, writer, line, since)
      const range = this.use(slot, writer, through)
      if (range === undefined) continue
      this.head.counts.expired += rangeLength(range)
      this.discard(range)
      if (through < line.last) line.first = await this.#dateAt({ writer, slot: slot.number, sequence: through + 1 })
    }
    while ((slot.recent[0] ?? since) < since) slot.recent.shift()
  }

  /** Unused events of an endpoint not older than `since`. */
  async pending(slot: Slot, since: number): Promise<number> {
    let count = 0
    for (const [writer, line] of Object.entries(slot.lines)) {
      if (line.used === line.last) continue
      const before = line.first >= since ? line.used : await this.#lastBefore(slot, writer, line, since)
      count += line.last - before
    }
    return count
  }

  /** Fills the slot's `recent` with the dates of its newest unused events, for a configuration that needs more than before. */
  async remember(slot: Slot, capacity: number): Promise<void> {
    if (capacity > slot.capacity) {
      const dates: number[] = []
      for (const [writer, { used, last }] of Object.entries(slot.lines)) {
        const from = Math.max(used + 1, last - capacity + 1)
        for (const place of placesOf({ writer, slot: slot.number, from, through: last })) {
          dates.push(await this.#dateAt(place))
        }
      }
      slot.recent = dates.sort((left, right) => left - right)
    }
    slot.capacity = capacity
    slot.recent.splice(0, slot.recent.length - capacity)
  }

  change({ revision }: StoredHead): StorageChange {
    const { events, firings, adopted, head } = this
    return {
      expected: revision,
      head: JSON.stringify(head),
      events,
      firings,
      used: this.#used,
      removed: this.#removed,
      adopted,
    }
  }

  /** Number of the last event of the line that is older than `since`; the first unused one is. */
  async #lastBefore(slot: Slot, writer: string, line: Line, since: number): Promise<number> {
    if (line.newest < since) return line.last
    let older = line.used + 1
    let younger = line.last
    while (younger - older > 1) {
      const middle = Math.floor((older + younger) / 2)
      if ((await this.#dateAt({ writer, slot: slot.number, sequence: middle })) < since) older = middle
      else younger = middle
    }
    return older
  }

  async #dateAt(place: EventPlace): Promise<number> {
    const known = this.#stored.get(eventIdOf(place))
    if (known !== undefined) return known
    const [event] = await this.#storage.readEvents([place])
    if (event === undefined) throw lostEvent(place, this.#storage)
    return event.date
  }
}

export function lostEvent(place: EventPlace, { description }: SyncStorage): EdsError {
  return new EdsError('unknown', `${description}: event ${eventIdOf(place)} is gone`, {
    fix: 'look for what else writes to the store; /reset goes on without what is lost',
  })
}
