import type { Random } from './random.js'

/** The workload's own time: advances by random steps, never reads the real clock. */
export class ShopClock {
  /** Epoch milliseconds. */
  milliseconds: number
  #nanoseconds = 0
  #logical = 0

  constructor(startTime: number) {
    this.milliseconds = startTime
  }

  /** Moves on by up to 2 ms; every 16th step or so only the logical part of the timestamp moves. */
  advance(random: Random): void {
    if (random.chance(1 / 16)) {
      this.#logical += 1
      return
    }
    this.#logical = 0
    const nanoseconds = this.#nanoseconds + 1 + random.below(2_000_000)
    this.milliseconds += Math.floor(nanoseconds / 1_000_000)
    this.#nanoseconds = nanoseconds % 1_000_000
  }

  /** `"1720732611708587506.0000000000"`: nanoseconds, a point, the logical part. */
  mvccTimestamp(): string {
    return `${this.milliseconds}${String(this.#nanoseconds).padStart(6, '0')}.${String(this.#logical).padStart(10, '0')}`
  }

  /** RFC 3339 with microseconds. */
  dateTime(): string {
    const microseconds = String(Math.floor(this.#nanoseconds / 1000)).padStart(3, '0')
    return `${new Date(this.milliseconds).toISOString().slice(0, -1)}${microseconds}Z`
  }
}
