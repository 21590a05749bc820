import type { Clock } from '@eds/core'

/** Waits shorter than a request's time limit pass at once; a time limit lasts until it is called off. */
export class JumpingClock implements Clock {
  readonly waits: number[] = []
  #now: number

  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return
    if (ms >= 30_000) {
      await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }))
      return
    }
    this.waits.push(ms)
    this.#now += ms
  }
}
