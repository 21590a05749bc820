import { randomBytes } from 'node:crypto'
import { type Clock, EdsError, type Position, padSequence, type StateStore } from '@eds/core'
import { parseEntry, storedEntry } from './journal-entry.js'

/** One event of a journal. */
export interface JournalEntry {
  /** From 1, without gaps. */
  readonly sequence: number
  /** When it was stored, epoch milliseconds; never falls. */
  readonly time: number
  readonly text: string
}

export interface JournalOptions {
  readonly state: StateStore
  readonly clock: Pick<Clock, 'now'>
  /** Refuse events when so many wait for a cursor. */
  readonly maxBacklogEvents: number
  /** Acknowledged events that are kept all the same, for a sink that remembers an earlier position. */
  readonly keepAcknowledged: number
  /** Whether events wait for a first cursor; otherwise what nobody reads is not kept. */
  readonly waitsForCursor: boolean
}

interface Waiting {
  readonly text: string
  readonly resolve: (position: Position) => void
  readonly reject: (error: unknown) => void
}

/** Most events of one write to the store. */
const maxGroup = 1_000
/** Most events removed by one write to the store. */
const maxTrim = 5_000
/** Events are removed when this part of those that are kept has been added. */
const trimsPerKept = 10

/**
 * A log in a state store: appended to in groups, one durable write each; read by any number of cursors; what all of them have
 * acknowledged goes.
 */
export class Journal {
  readonly #options: JournalOptions
  readonly #cursors = new Map<string, number>()
  readonly #waiters = new Set<() => void>()
  #waiting: Waiting[] = []
  #writing = false
  #loaded: Promise<void> | undefined
  #epoch = ''
  #trimmed = 0
  #last = 0
  #lastTime = 0

  constructor(options: JournalOptions) {
    this.#options = options
  }

  /** Reads what an earlier process left. */
  load(): Promise<void> {
    this.#loaded ??= this.#load().catch((error: unknown) => {
      this.#loaded = undefined
      throw error
    })
    return this.#loaded
  }

  /** The first and last sequence that can be read; of an empty journal the next and the last one. */
  get bounds(): { readonly first: number; readonly last: number } {
    return { first: this.#trimmed + 1, last: this.#last }
  }

  /** Events that the slowest cursor has not acknowledged. */
  get backlog(): number {
    return this.#last - this.#acknowledged()
  }

  positionOf(sequence: number): Position {
    return `${padSequence(sequence)}.${this.#epoch}`
  }

  /** @throws EdsError `gap` when what follows the position is not in this journal. */
  sequenceOf(position: Position): number {
    const [digits, epoch] = position.split('.')
    const sequence = Number(digits)
    const { first, last } = this.bounds
    if (epoch === this.#epoch && sequence + 1 >= first && sequence <= last) return sequence
    const what = epoch === this.#epoch ? `holds ${first} to ${last}` : 'was made anew'
    throw new EdsError('gap', `the journal of published events ${what}: what follows ${position} is not in it`, {
      fix: 'begin anew with another sink name, or restore the state folder',
    })
  }

  /**
   * Resolves when the event is durable. Events that are appended at the same time share a write.
   *
   * @throws EdsError `throttled` when too many events wait for a cursor; the store's error when it fails.
   */
  async append(text: string): Promise<Position> {
    await this.load()
    const { maxBacklogEvents } = this.#options
    if (this.backlog + this.#waiting.length >= maxBacklogEvents) {
      throw new EdsError('throttled', `${maxBacklogEvents} published events wait for a sink to take them`)
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ text, resolve, reject })
      if (!this.#writing) void this.#writeGroups()
    })
  }

  /** Up to `limit` events from a sequence on, about `maxBytes` in all; empty when there are none yet. */
  async read(from: number, limit: number, maxBytes: number): Promise<JournalEntry[]> {
    const entries: JournalEntry[] = []
    let bytes = 0
    for (let sequence = from; sequence <= this.#last && entries.length < limit && bytes < maxBytes; sequence++) {
      const entry = await this.entry(sequence)
      entries.push(entry)
      bytes += entry.text.length
    }
    return entries
  }

  /** @throws EdsError `gap` when the event is not there any more. */
  async entry(sequence: number): Promise<JournalEntry> {
    const value = await this.#options.state.get(eventKey(sequence))
    if (value !== undefined) return parseEntry(sequence, value)
    throw new EdsError('gap', `published event ${sequence} is not in the journal any more`)
  }

  /** What a cursor has acknowledged; `undefined` for one that nobody remembers. */
  cursor(name: string): number | undefined {
    return this.#cursors.get(name)
  }

  /** Makes a cursor stand just behind a sequence; nothing after it goes before the cursor has acknowledged it. */
  async moveCursor(name: string, sequence: number): Promise<void> {
    const before = this.#cursors.get(name)
    if (before === sequence) return
    await this.#options.state.write({ [cursorKey(name)]: String(sequence) })
    this.#cursors.set(name, sequence)
    await this.#trim()
  }

  async forget(name: string): Promise<void> {
    if (!this.#cursors.has(name)) return
    await this.#options.state.write({ [cursorKey(name)]: undefined })
    this.#cursors.delete(name)
    await this.#trim()
  }

  /** Resolves when there may be something new, or the signal aborts. */
  changed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#waiters.delete(done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      this.#waiters.add(done)
      signal.addEventListener('abort', done)
      if (signal.aborted) done()
    })
  }

  async #load(): Promise<void> {
    const { state } = this.#options
    this.#epoch = (await state.get('epoch')) ?? ''
    if (this.#epoch === '') {
      const epoch = randomBytes(4).toString('hex')
      await state.write({ epoch })
      this.#epoch = epoch
    }
    this.#last = Number((await state.get('last')) ?? 0)
    this.#trimmed = Number((await state.get('trimmed')) ?? 0)
    if (this.#last > this.#trimmed) this.#lastTime = (await this.entry(this.#last)).time
    for await (const [key, value] of state.entries(cursorPrefix)) {
      this.#cursors.set(key.slice(cursorPrefix.length), Number(value))
    }
  }

  async #writeGroups(): Promise<void> {
    this.#writing = true
    // Requests that arrived together are appended together.
    await new Promise((resolve) => setImmediate(resolve))
    while (this.#waiting.length > 0) {
      const group = this.#waiting.slice(0, maxGroup)
      this.#waiting = this.#waiting.slice(group.length)
      await this.#writeGroup(group)
    }
    this.#writing = false
  }

  async #writeGroup(group: readonly Waiting[]): Promise<void> {
    const first = this.#last + 1
    const last = this.#last + group.length
    const time = Math.max(this.#lastTime, this.#options.clock.now())
    const changes: Record<string, string> = { last: String(last) }
    for (const [index, { text }] of group.entries()) changes[eventKey(first + index)] = storedEntry(time, text)
    try {
      await this.#options.state.write(changes)
    } catch (error) {
      for (const { reject } of group) reject(error)
      return
    }
    this.#last = last
    this.#lastTime = time
    for (const [index, { resolve }] of group.entries()) resolve(this.positionOf(first + index))
    for (const wake of [...this.#waiters]) wake()
    if (this.#cursors.size === 0) await this.#trim().catch(() => {})
  }

  #acknowledged(): number {
    const nobody = this.#options.waitsForCursor ? this.#trimmed : this.#last
    return this.#cursors.size === 0 ? nobody : Math.min(...this.#cursors.values())
  }

  async #trim(): Promise<void> {
    const { keepAcknowledged } = this.#options
    const target = this.#acknowledged() - keepAcknowledged
    // A write that removes is as dear as one that adds: not for every acknowledgement.
    if (target - this.#trimmed < keepAcknowledged / trimsPerKept) return
    while (this.#trimmed < target) {
      const through = Math.min(target, this.#trimmed + maxTrim)
      const changes: Record<string, string | undefined> = { trimmed: String(through) }
      for (let sequence = this.#trimmed + 1; sequence <= through; sequence++) changes[eventKey(sequence)] = undefined
      await this.#options.state.write(changes)
      this.#trimmed = Math.max(this.#trimmed, through)
    }
  }
}

const cursorPrefix = 'cursor/'

function cursorKey(name: string): string {
  return cursorPrefix + name
}

function eventKey(sequence: number): string {
  return `event/${padSequence(sequence)}`
}
