import type { Clock } from '@eds/core'

export interface StallWatchParts {
  readonly clock: Clock
  readonly heartbeatMs: number
  /** How long the connection may be down. */
  readonly patienceMs: number
  readonly signal: AbortSignal
  readonly isConnected: () => boolean
  /** True while a request is open, so that heartbeats are due. */
  readonly isWaiting: () => boolean
  readonly onStall: () => void
  readonly onUnreachable: () => void
}

/** Heartbeats that may be missing before an open request counts as stalled. */
export const missedHeartbeats = 3

/** Notices silence: an open request without a sign of life, and a connection that does not come back. */
export class StallWatch {
  readonly #parts: StallWatchParts
  #silence = 0
  #lostAt: number | undefined

  constructor(parts: StallWatchParts) {
    this.#parts = parts
    void repeat(parts.clock, parts.heartbeatMs, parts.signal, () => this.#look())
  }

  /** A sign of life, or a new request that has all its time before it. */
  alive(): void {
    this.#silence = 0
  }

  #look(): void {
    const { clock, patienceMs, isConnected, isWaiting, onStall, onUnreachable } = this.#parts
    if (isConnected()) {
      this.#lostAt = undefined
      if (isWaiting() && ++this.#silence >= missedHeartbeats) onStall()
    } else {
      this.#lostAt ??= clock.now()
      if (clock.now() - this.#lostAt >= patienceMs) onUnreachable()
    }
  }
}

/** Acts again and again until the signal aborts. */
export async function repeat(clock: Clock, everyMs: number, signal: AbortSignal, action: () => void): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(everyMs, signal)
    if (!signal.aborted) action()
  }
}
