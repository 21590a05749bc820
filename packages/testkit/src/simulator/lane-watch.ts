import type { LaneHandle, LaneStatus, Position } from '@eds/core'
import { checkDurable } from './durability-oracle.js'
import type { Life, Remains } from './life.js'
import type { Operator } from './operator.js'
import { acknowledged, opened } from './simulated-source.js'
import type { World } from './world.js'

/** Takes every lane at its word: what it reports, acknowledges and resumes from must be true at that moment. */
export class LaneWatch {
  readonly #world: World
  readonly #remains: Remains
  readonly #operator: Operator
  readonly #life: () => Life | undefined
  readonly #largestMessage: number
  /** Lanes that have opened a reader. */
  readonly #started = new WeakSet<LaneHandle>()
  readonly #claimed = new Map<string, Position>()

  constructor(remains: Remains, operator: Operator, life: () => Life | undefined) {
    this.#world = remains.world
    this.#remains = remains
    this.#operator = operator
    this.#life = life
    this.#largestMessage = Math.max(...remains.world.events.map(({ bytes }) => bytes.length))
  }

  /** The last position that a sink is known to have called durable. */
  durable(sink: string): Position | undefined {
    return this.#claimed.get(sink)
  }

  /** After each turn: what the lanes say of themselves must be true. */
  look(): void {
    const life = this.#life()
    if (!life?.process.alive) return
    for (const lane of life.lanes) this.#watchStatus(lane.status())
  }

  #watchStatus({ sink, position, pendingBytes }: LaneStatus): void {
    const limit = this.#byteLimit(sink)
    if (pendingBytes > limit) this.#world.violate(`${sink}: ${pendingBytes} bytes are pending, more than ${limit}`)
    if (position !== undefined && position !== this.#claimed.get(sink))
      this.claim(sink, position, 'says it is durable up to')
  }

  /** The batches in flight, the one that fills, and one message of the largest size. */
  #byteLimit(name: string): number {
    const traits = this.#remains.destinations.get(name)?.sink.traits
    const largest = this.#largestMessage
    return ((traits?.maxInFlight ?? 0) + 1) * Math.max(traits?.maxBatchBytes ?? 0, largest) + largest
  }

  /** A lane says that everything up to here is durable. */
  claim(cursor: string, position: Position, how: string): void {
    const { ledger, destinations } = this.#remains
    const lane = this.#life()?.lanes.find(({ name }) => name === cursor)
    const saved = lane?.status().position ?? ''
    if (how === acknowledged && saved < position)
      this.#world.violate(`${cursor} ${how} ${position}, having saved ${saved}`)
    const before = this.#claimed.get(cursor) ?? ''
    if (this.#world.scenario.durableState && how === opened && position < before)
      this.#world.violate(`${cursor} ${how} ${position}, although ${before} was durable`)
    if (how === opened && lane) this.#checkStart(lane)
    const destination = destinations.get(cursor)
    const wrong = destination && checkDurable(ledger, destination, position)
    if (wrong !== undefined) this.#world.violate(`${cursor} ${how} ${position}, but ${wrong}`)
    if (position > before) this.#claimed.set(cursor, position)
  }

  /** What an interrupted repair left parked is applied before anything is read, unless the lane is held. */
  #checkStart(lane: LaneHandle): void {
    if (this.#started.has(lane) || this.#operator.mayHold(lane)) return
    this.#started.add(lane)
    this.#operator.checkParked(lane, 'after a start')
  }
}
