import { SqlError } from './sql-error.js'

/**
 * Exclusive locks on tables, held until the transaction ends. Coarser than a server's row locks and never weaker: nobody reads
 * what another has not committed. A circle of waiting ends with error 1205 for whoever would close it.
 */
export class TableLocks {
  readonly #owners = new Map<string, object>()
  readonly #waiting = new Map<object, string>()
  #released = new Signal()

  /** Waits until no other owner holds one of the tables; then takes them if `exclusive`. */
  async acquire(owner: object, tables: readonly string[], exclusive: boolean): Promise<void> {
    for (const table of [...tables].sort()) {
      await this.#waitFor(owner, table)
      if (exclusive) this.#owners.set(table, owner)
    }
  }

  async #waitFor(owner: object, table: string): Promise<void> {
    for (;;) {
      const holder = this.#owners.get(table)
      if (holder === undefined || holder === owner) return
      if (this.#leadsTo(holder, owner)) throw deadlock()
      this.#waiting.set(owner, table)
      await this.#released.promise
      this.#waiting.delete(owner)
    }
  }

  #leadsTo(from: object, to: object): boolean {
    for (let current: object | undefined = from; current; ) {
      if (current === to) return true
      const awaited: string | undefined = this.#waiting.get(current)
      current = awaited === undefined ? undefined : this.#owners.get(awaited)
    }
    return false
  }

  release(owner: object): void {
    for (const [table, holder] of this.#owners) if (holder === owner) this.#owners.delete(table)
    const released = this.#released
    this.#released = new Signal()
    released.give()
  }
}

const deadlock = () =>
  new SqlError(
    1205,
    'Transaction was deadlocked on lock resources with another process and has been chosen as the deadlock victim. Rerun the transaction.',
    { class: 13, state: 45, reach: 'transaction' },
  )

/** A promise that somebody else fulfils. */
class Signal {
  give: () => void = () => undefined
  readonly promise = new Promise<void>((resolve) => {
    this.give = resolve
  })
}
