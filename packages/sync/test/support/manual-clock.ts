import type { Clock } from '@eds/core'

interface Sleeper {
  readonly until: number
  readonly wake: () => void
}

/** A clock that stands still until it is told otherwise. */
export class ManualClock implements Clock {
  #now: number
  #sleepers: Sleeper[] = []

  constructor(now = Date.UTC(2026, 0, 12, 11)) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const wake = () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper)
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      const sleeper = { until: this.#now + ms, wake }
      this.#sleepers.push(sleeper)
      signal?.addEventListener('abort', wake)
    })
  }

  /** Wakes whoever sleeps until then. */
  advance(ms: number): void {
    this.#now += ms
    const due = this.#sleepers.filter(({ until }) => until <= this.#now)
    for (const { wake } of due) wake()
  }

  /** Shows another time without anybody waking, as when somebody sets the clock. */
  jump(ms: number): void {
    this.#now += ms
  }
}
