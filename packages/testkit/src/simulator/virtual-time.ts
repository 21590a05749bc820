interface Timer {
  readonly at: number
  readonly order: number
  readonly fire: () => void
}

/** How {@link VirtualTime.runUntil} ended. */
export type RunOutcome = 'done' | 'late' | 'stuck'

/**
 * Time that passes only when nothing else can run. Everything that waits in a simulation waits here, so a run takes no longer than its
 * computing, and the same seed gives the same interleaving.
 */
export class VirtualTime {
  /** In firing order. */
  readonly #timers: Timer[] = []
  #now: number
  #order = 0

  constructor(start: number) {
    this.#now = start
  }

  /** Epoch milliseconds. */
  now(): number {
    return this.#now
  }

  /** Calls `fire` once, `ms` from now; timers of the same instant fire in the order in which they were set. */
  after(ms: number, fire: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), order: this.#order++, fire }
    let index = this.#timers.length
    while (index > 0 && isLater(this.#timers[index - 1], timer)) index--
    this.#timers.splice(index, 0, timer)
    return () => {
      const place = this.#timers.indexOf(timer)
      if (place >= 0) this.#timers.splice(place, 1)
    }
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve))
  }

  /**
   * Lets the simulation run until `isDone`: first everything that can run now, then the next timer, and so on. `late`: `limitMs` of
   * virtual time have passed. `stuck`: nothing waits for anything any more.
   *
   * @param step is called each time before time passes.
   */
  async runUntil(isDone: () => boolean, limitMs: number, step: () => void): Promise<RunOutcome> {
    const end = this.#now + limitMs
    for (;;) {
      await allThatCanRun()
      step()
      if (isDone()) return 'done'
      const next = this.#timers[0]
      if (next === undefined) return 'stuck'
      if (next.at > end) return 'late'
      this.#timers.shift()
      this.#now = next.at
      next.fire()
    }
  }
}

function isLater(left: Timer | undefined, right: Timer): boolean {
  return left !== undefined && (left.at > right.at || (left.at === right.at && left.order > right.order))
}

/** All promise jobs are done when the event loop gets to its next turn; a second turn lets those pass that asked for one. */
async function allThatCanRun(): Promise<void> {
  await turn()
  await turn()
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
