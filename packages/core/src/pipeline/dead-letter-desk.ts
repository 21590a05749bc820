import { EdsError } from '../errors.js'
import type { ChangeEvent } from '../event.js'
import type { Position } from '../position.js'
import type { Delivery } from '../source.js'
import type { DeadLetter, DeadLetterLog, DeadLetterStore, LetterFailure } from './dead-letter.js'
import { decodeEvent, identify } from './decode.js'
import type { Persist } from './lane-progress.js'

/** Above this many open dead letters something other than single events is wrong; the lane stops. */
export const maxOpenDeadLetters = 100_000

/** What may happen to an event: `supersede` is written like `write`, and closes letters then. */
export type Admission = 'write' | 'park' | 'supersede'

/**
 * The lane's dead letters: sets events aside, and remembers the rows concerned, so that nothing partial is applied on top of a
 * change that is missing.
 */
export class DeadLetterDesk {
  readonly #store: DeadLetterStore
  readonly #sink: string
  readonly #now: () => number
  readonly #persist: Persist
  /** Row key → ids of its open and parked letters, oldest first. */
  readonly #rows = new Map<string, Position[]>()
  readonly #ids = new Set<Position>()
  /** One event of each table and version among the letters that waited when the lane started. */
  readonly #samples = new Map<string, ChangeEvent>()
  #hasOrphans = false
  #opened: DeadLetterLog | undefined

  constructor(store: DeadLetterStore, sink: string, now: () => number, persist: Persist) {
    this.#store = store
    this.#sink = sink
    this.#now = now
    this.#persist = persist
  }

  /** Opens the log and learns what waits in it. Call before anything else. */
  async load(): Promise<void> {
    this.#opened ??= await this.#store.open(this.#sink)
    this.#rows.clear()
    this.#ids.clear()
    this.#hasOrphans = false
    for await (const letter of this.waiting()) {
      const { rowKey, status } = letter
      if (rowKey !== undefined && status === 'parked' && !this.#rows.has(rowKey)) this.#hasOrphans = true
      this.#remember(letter)
      this.#sample(letter)
    }
  }

  /** True when letters were parked behind ones that a repair has closed, and the process ended before their turn came. */
  get hasOrphans(): boolean {
    return this.#hasOrphans
  }

  /**
   * Events whose schemas must be known before anything is written: only an image with all columns that the letters of its row have
   * may take their place.
   */
  get samples(): readonly ChangeEvent[] {
    return [...this.#samples.values()]
  }

  async dispose(): Promise<void> {
    await this.#opened?.close()
    this.#opened = undefined
  }

  get #log(): DeadLetterLog {
    if (!this.#opened) throw new EdsError('configuration', `the dead letters of ${this.#sink} are not open`)
    return this.#opened
  }

  /** How many letters are open or parked. */
  get size(): number {
    return this.#ids.size
  }

  /** Those of the ids that no open or parked letter has. */
  unknown(ids: readonly Position[]): Position[] {
    return ids.filter((id) => !this.#ids.has(id))
  }

  /** Letters that are open or parked, in position order. */
  waiting(): AsyncIterable<DeadLetter> {
    return this.#log.list({ status: ['open', 'parked'] })
  }

  /**
   * Decides on an event. An event may come a second time, so letters of its row that are newer do not count, and one of its own is no
   * reason not to try it. `columns` are those of its table, asked for only when it matters.
   */
  admit(event: ChangeEvent, columns: () => ReadonlySet<string> | undefined): Admission {
    const ids = this.#rows.size === 0 ? undefined : this.#rows.get(event.rowKey)
    if (!ids) return 'write'
    if (ids.some((id) => id < event.position)) return isFullImage(event, columns()) ? 'supersede' : 'park'
    return ids.includes(event.position) ? 'supersede' : 'write'
  }

  /** Sets an event aside, durably. Rejects with `configuration` when there are too many. */
  async setAside(event: ChangeEvent, error: EdsError): Promise<void> {
    // Parked in a former run, and now tried because what stood in front of it was repaired.
    if (this.#ids.has(event.position)) return this.reopen(event.position, error)
    await this.#append(this.#letter(event, event.timestamp, error, 'open'), event)
  }

  /** Sets a message aside that is no valid event, or that a stage refused, durably. Resolves to its row, when that can be told. */
  async setAsideUnreadable(delivery: Delivery, error: EdsError): Promise<string | undefined> {
    const row = identify(delivery)
    await this.#append({ ...this.#letter(delivery, delivery.time, error, 'open'), raw: true }, row)
    return row.rowKey
  }

  /** Puts an event behind the open dead letter of its row, durably. */
  async park(event: ChangeEvent): Promise<void> {
    const behind = this.#rows.get(event.rowKey)?.[0] ?? ''
    const error = new EdsError('record', `waits behind the dead letter ${behind} of the same row`)
    await this.#append(this.#letter(event, event.timestamp, error, 'parked'), event)
  }

  /**
   * These events were written. Letters of their own are done with, and what was set aside before them in their rows is of no use any
   * more.
   */
  async supersede(events: readonly ChangeEvent[]): Promise<void> {
    const own: Position[] = []
    const older: Position[] = []
    for (const { rowKey, position } of events) {
      const ids = this.#rows.get(rowKey)?.filter((id) => id <= position) ?? []
      for (const id of ids) (id === position ? own : older).push(id)
      this.#forget(rowKey, ids)
    }
    if (older.length > 0) await this.#persist(() => this.#log.mark(older, 'superseded'))
    if (own.length > 0) await this.#persist(() => this.#log.mark(own, 'retried'))
  }

  /** Closes letters that were applied or given up. What a crash leaves of it are the first of them. */
  async close(letters: readonly Pick<DeadLetter, 'id' | 'rowKey'>[], status: 'retried' | 'skipped'): Promise<void> {
    if (letters.length === 0) return
    const ids = letters.map(({ id }) => id)
    await this.#persist(() => this.#log.mark(ids, status))
    for (const { id, rowKey } of letters) this.#forget(rowKey, [id])
  }

  /** A letter, open or parked, was tried and cannot be applied: it is open, for this reason. */
  async reopen(id: Position, error: EdsError): Promise<void> {
    await this.#persist(() => this.#log.mark([id], 'open', failureOf(error)))
  }

  #letter(
    message: Pick<Delivery, 'position' | 'bytes'>,
    time: number,
    error: EdsError,
    status: 'open' | 'parked',
  ): DeadLetter {
    return {
      id: message.position,
      sink: this.#sink,
      at: this.#now(),
      status,
      ...failureOf(error),
      time,
      bytes: message.bytes,
    }
  }

  async #append(letter: DeadLetter, row: { readonly table?: string; readonly rowKey?: string }): Promise<void> {
    if (this.#ids.size >= maxOpenDeadLetters) {
      const fix = 'see what they have in common with `dead-letter list`, then retry or skip them'
      throw new EdsError(
        'configuration',
        `${this.#ids.size} dead letters are open for ${this.#sink}; the last reason: ${letter.reason}`,
        { fix },
      )
    }
    const { table, rowKey } = row
    const full = { ...letter, ...(table !== undefined && { table }), ...(rowKey !== undefined && { rowKey }) }
    await this.#persist(() => this.#log.append([full]))
    this.#remember(full)
  }

  #remember({ id, rowKey }: DeadLetter): void {
    if (this.#ids.has(id)) return
    this.#ids.add(id)
    if (rowKey === undefined) return
    const row = this.#rows.get(rowKey)
    if (row) row.push(id)
    else this.#rows.set(rowKey, [id])
  }

  #sample({ id, bytes, time }: DeadLetter): void {
    try {
      const event = decodeEvent({ position: id, bytes, time })
      this.#samples.set(JSON.stringify([event.table, event.modelVersion]), event)
    } catch {
      // It is here because it could not be read: no schema follows from it.
    }
  }

  #forget(rowKey: string | undefined, ids: readonly Position[]): void {
    for (const id of ids) this.#ids.delete(id)
    const rest = rowKey === undefined ? undefined : this.#rows.get(rowKey)?.filter((id) => !ids.includes(id))
    if (rowKey === undefined || rest === undefined) return
    if (rest.length > 0) this.#rows.set(rowKey, rest)
    else this.#rows.delete(rowKey)
  }
}

/** An error as people read it in a letter. */
export function reasonOf({ message, fix }: EdsError): string {
  return fix ? `${message} (${fix})` : message
}

function failureOf(error: EdsError): LetterFailure {
  return { code: error.code, reason: reasonOf(error) }
}

/**
 * True when applying the event alone leaves the row as it should be, whatever was missed before: a delete, or an image with every
 * column. One that follows an older version of the schema leaves newer columns as they are, so it is none.
 */
export function isFullImage({ operation, before, after = {} }: ChangeEvent, columns?: ReadonlySet<string>): boolean {
  if (operation === 'DELETE') return true
  if (columns) return [...columns].every((name) => after[name] !== undefined)
  return (
    operation === 'INSERT' || (before !== undefined && Object.keys(before).every((name) => after[name] !== undefined))
  )
}
