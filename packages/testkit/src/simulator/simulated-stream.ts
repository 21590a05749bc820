import type { Delivery, Position } from '@eds/core'
import type { LedgerEvent } from './workload.js'
import type { World } from './world.js'

/** The durable stream and what it remembers of each cursor. Outlives every process. */
export class SimulatedStream {
  readonly #deliveries: Delivery[] = []
  readonly #waiters = new Set<() => void>()
  readonly #acknowledged = new Map<string, Position>()
  #ended = false

  constructor(world: World) {
    for (const event of world.events) world.time.after(event.atMs, () => this.#publish(event, world.time.now()))
  }

  get ended(): boolean {
    return this.#ended
  }

  /** Readers end behind the last message. */
  end(): void {
    this.#ended = true
    this.#wake()
  }

  get last(): Position | undefined {
    return this.#deliveries.at(-1)?.position
  }

  get length(): number {
    return this.#deliveries.length
  }

  /** Messages from an index on. */
  slice(from: number, count: number): readonly Delivery[] {
    return this.#deliveries.slice(from, from + count)
  }

  /** Index of the first message behind a position. */
  indexAfter(position: Position | undefined): number {
    return position === undefined ? 0 : this.#deliveries.findLastIndex((delivery) => delivery.position <= position) + 1
  }

  acknowledged(cursor: string): Position | undefined {
    return this.#acknowledged.get(cursor)
  }

  acknowledge(cursor: string, position: Position): void {
    if (position > (this.#acknowledged.get(cursor) ?? '')) this.#acknowledged.set(cursor, position)
  }

  /** Resolves when there is more, the stream ends, or `stop` aborts. */
  changed(stop: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#waiters.delete(done)
        stop.removeEventListener('abort', done)
        resolve()
      }
      this.#waiters.add(done)
      stop.addEventListener('abort', done, { once: true })
      if (stop.aborted) done()
    })
  }

  #publish({ position, bytes, defect }: LedgerEvent, time: number): void {
    this.#deliveries.push({ position, bytes, time, ...(defect !== undefined && { defect }) })
    this.#wake()
  }

  #wake(): void {
    for (const wake of [...this.#waiters]) wake()
  }
}
