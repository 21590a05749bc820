import type { EventBatch } from '@eds/core'
import type { CutOracle } from './cut-oracle.js'
import type { SinkScenario } from './scenario.js'
import { isWaiting, type LetterDisk } from './simulated-dead-letters.js'
import type { SimulatedDestination } from './simulated-destination.js'
import type { World } from './world.js'

/** Watches how the pipeline calls a driver: the caller's half of the contract. One per driver instance. */
export class DriverCalls {
  readonly #world: World
  readonly #sink: SinkScenario
  readonly #letters: LetterDisk
  readonly #cuts: CutOracle | undefined
  #openWrites = 0
  #preparing = false
  #connected = false
  /** True while the operator holds the lane. */
  paused = false
  /** Repairs that the operator waits for: those write while the lane is held, too. */
  repairs = 0

  /** @param cuts is given when the sink must see the same batches after a crash. */
  constructor(world: World, { sink, letters }: SimulatedDestination, cuts: CutOracle | undefined) {
    this.#world = world
    this.#sink = sink
    this.#letters = letters
    this.#cuts = cuts
  }

  get openWrites(): number {
    return this.#openWrites
  }

  connect(): void {
    if (this.#openWrites > 0) this.#violate('connect while a write is open')
    this.#connected = true
  }

  beginPrepare(): void {
    if (this.#openWrites > 0) this.#violate('prepare while a write is open')
    this.#preparing = true
  }

  endPrepare(): void {
    this.#preparing = false
  }

  beginWrite(batch: EventBatch): void {
    this.#openWrites++
    const { maxInFlight } = this.#sink.traits
    if (!this.#connected) this.#violate('write before connect')
    if (this.#openWrites > maxInFlight)
      this.#violate(`${this.#openWrites} writes are open, at most ${maxInFlight} may be`)
    if (this.#preparing) this.#violate('write during prepare')
    if (this.paused && this.repairs === 0) this.#violate('write while paused')
    this.#checkBatch(batch)
    const wrongCut = this.#isRepair(batch) ? undefined : this.#cuts?.check(batch)
    if (wrongCut !== undefined) this.#violate(wrongCut)
  }

  endWrite(): void {
    this.#openWrites--
  }

  /** A dead letter that is tried again goes alone, whatever cut it was part of. */
  #isRepair({ events: [event, ...more] }: EventBatch): boolean {
    const letter = event && more.length === 0 ? this.#letters.get(event.position) : undefined
    return letter !== undefined && isWaiting(letter)
  }

  #checkBatch({ events, bytes, first, last }: EventBatch): void {
    const { maxBatchEvents, maxBatchBytes } = this.#sink.traits
    const sum = events.reduce((total, event) => total + event.bytes.length, 0)
    const positions = events.map(({ position }) => position)
    if (events.length === 0) this.#violate('an empty batch')
    if (events.length > maxBatchEvents) this.#violate(`a batch of ${events.length} events, more than ${maxBatchEvents}`)
    if (events.length > 1 && sum > maxBatchBytes) this.#violate(`a batch of ${sum} bytes, more than ${maxBatchBytes}`)
    if (sum !== bytes) this.#violate(`a batch says ${bytes} bytes and holds ${sum}`)
    if (positions.some((position, index) => index > 0 && position <= (positions[index - 1] ?? ''))) {
      this.#violate(`a batch is not in order, or holds an event twice: ${positions.join(' ')}`)
    }
    if (first > (positions[0] ?? '') || last < (positions.at(-1) ?? '')) {
      this.#violate(`a batch says ${first} to ${last} and holds ${positions.join(' ')}`)
    }
  }

  #violate(what: string): void {
    this.#world.violate(`${this.#sink.name}: ${what}`)
  }
}
