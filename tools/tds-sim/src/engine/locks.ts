import { SqlError } from './sql-error.js'

/** How long a lock is held: until the transaction ends, or until it is given back or the session ends. */
export type LockDuration = 'transaction' | 'session'

/** How an attempt to get a lock ended. */
export type LockOutcome = 'at once' | 'after waiting' | 'timed out'

/** The wait of a session that was cancelled or has ended. */
export class Cancelled extends Error {}

interface Held {
  readonly owner: object
  /** One for each time that the owner took it. */
  readonly durations: LockDuration[]
}

interface Waiter {
  readonly key: string
  readonly wake: () => void
  readonly stop: () => void
}

/**
 * Exclusive locks on tables and application resources. Those on tables are coarser than a server's row locks and never weaker:
 * nobody reads what another has not committed. A circle of waiting ends with error 1205 for whoever would close it.
 */
export class Locks {
  readonly #held = new Map<string, Held>()
  readonly #waiting = new Map<object, Waiter>()

  /** Takes the locks of all the tables, or only looks unless `exclusive`; returns false where another owner has one of them. */
  tryTables(owner: object, tables: readonly string[], exclusive: boolean): boolean {
    const keys = tables.map(tableKey)
    if (keys.some((key) => this.#isTaken(owner, key))) return false
    if (exclusive) for (const key of keys) if (!this.#held.has(key)) this.#take(owner, key, 'transaction')
    return true
  }

  /** Waits for the first of the tables that another owner has. */
  async awaitTables(owner: object, tables: readonly string[]): Promise<void> {
    const key = tables.map(tableKey).find((candidate) => this.#isTaken(owner, candidate))
    if (key !== undefined) await this.#waitFor(owner, key)
  }

  /** Takes an application lock; the same owner may take it several times. A negative timeout means for ever. */
  async acquire(owner: object, resource: string, duration: LockDuration, timeoutMs: number): Promise<LockOutcome> {
    const key = applicationKey(resource)
    const deadline = timeoutMs < 0 ? Number.POSITIVE_INFINITY : performance.now() + timeoutMs
    for (let waited = false; ; waited = true) {
      if (!this.#isTaken(owner, key)) {
        this.#take(owner, key, duration)
        return waited ? 'after waiting' : 'at once'
      }
      if (performance.now() >= deadline) return 'timed out'
      await this.#waitFor(owner, key, deadline)
    }
  }

  /** Gives an application lock back once; returns whether it was held. */
  giveBack(owner: object, resource: string, duration: LockDuration): boolean {
    const key = applicationKey(resource)
    const held = this.#held.get(key)
    const index = held?.owner === owner ? held.durations.indexOf(duration) : -1
    if (!held || index < 0) return false
    this.#keep(
      key,
      held,
      held.durations.filter((_duration, at) => at !== index),
    )
    return true
  }

  /** Gives back what was held for the transaction only. */
  endTransaction(owner: object): void {
    for (const [key, held] of this.#held) {
      if (held.owner !== owner) continue
      this.#keep(
        key,
        held,
        held.durations.filter((duration) => duration === 'session'),
      )
    }
  }

  endSession(owner: object): void {
    for (const [key, held] of this.#held) if (held.owner === owner) this.#keep(key, held, [])
  }

  /** Ends the owner's wait, which throws {@link Cancelled}. */
  cancel(owner: object): void {
    this.#waiting.get(owner)?.stop()
  }

  #take(owner: object, key: string, duration: LockDuration): void {
    const held = this.#held.get(key) ?? { owner, durations: [] }
    held.durations.push(duration)
    this.#held.set(key, held)
  }

  #keep(key: string, { owner }: Held, durations: LockDuration[]): void {
    if (durations.length > 0) {
      this.#held.set(key, { owner, durations })
      return
    }
    this.#held.delete(key)
    for (const waiter of [...this.#waiting.values()]) if (waiter.key === key) waiter.wake()
  }

  #isTaken(owner: object, key: string): boolean {
    const holder = this.#held.get(key)?.owner
    return holder !== undefined && holder !== owner
  }

  /** Resolves when the lock may be free or the time is over: whoever waits must look again. */
  async #waitFor(owner: object, key: string, deadline = Number.POSITIVE_INFINITY): Promise<void> {
    if (this.#leadsTo(this.#held.get(key)?.owner, owner)) throw deadlock()
    let timer: NodeJS.Timeout | undefined
    try {
      await new Promise<void>((wake, reject) => {
        this.#waiting.set(owner, { key, wake, stop: () => reject(new Cancelled()) })
        // A timer may end a little early by the other clock.
        if (Number.isFinite(deadline)) timer = setTimeout(wake, Math.ceil(deadline - performance.now()) + 1)
      })
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(owner)
    }
  }

  #leadsTo(from: object | undefined, to: object): boolean {
    for (let current = from; current; ) {
      if (current === to) return true
      const waiter: Waiter | undefined = this.#waiting.get(current)
      current = waiter && this.#held.get(waiter.key)?.owner
    }
    return false
  }
}

const tableKey = (table: string) => `table ${table.toLowerCase()}`

/** Resources are compared by code unit, as a binary collation does. */
const applicationKey = (resource: string) => `application ${resource}`

const deadlock = () =>
  new SqlError(
    1205,
    'Transaction was deadlocked on lock resources with another process and has been chosen as the deadlock victim. Rerun the transaction.',
    { class: 13, state: 45, reach: 'transaction' },
  )
