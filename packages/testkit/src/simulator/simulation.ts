import { isEdsError, type LaneHandle, type Position, toEdsError } from '@eds/core'
import { CutOracle } from './cut-oracle.js'
import { checkFinal, stillWaiting } from './final-oracle.js'
import { LaneWatch } from './lane-watch.js'
import { Ledger } from './ledger.js'
import { type Life, type Remains, type Sabotage, startLife } from './life.js'
import { Operator } from './operator.js'
import { SimulatedDestination } from './simulated-destination.js'
import type { ProcessEnd } from './simulated-process.js'
import { SimulatedStream } from './simulated-stream.js'
import { World } from './world.js'

/** Virtual time after which a pipeline without faults must have caught up, milliseconds. */
const patienceMs = 30 * 60_000

/** One run: processes live and die on the same stream and destinations, and the oracle watches. */
export class Simulation {
  readonly world: World
  readonly #sabotage: Sabotage
  readonly #remains: Remains
  readonly #operator: Operator
  #life: Life | undefined
  /** How the last process ended, once the stream has ended too. */
  #finalEnd: ProcessEnd | undefined
  readonly #watch: LaneWatch

  constructor(seed: number, traced: boolean, sabotage: Sabotage) {
    this.world = new World(seed, traced)
    this.#sabotage = sabotage
    const { world } = this
    const ledger = new Ledger(world.events)
    const { sinks, durableState } = world.scenario
    this.#remains = {
      world,
      ledger,
      stream: new SimulatedStream(world),
      disk: new Map(),
      destinations: new Map(sinks.map((sink) => [sink.name, new SimulatedDestination(world, ledger, sink)])),
      cuts: new Map(
        sinks
          .filter(({ traits }) => durableState && traits.batches === 'stable')
          .map(({ name }) => [name, new CutOracle()]),
      ),
    }
    const life = () => this.#life
    this.#operator = new Operator(this.#remains, life)
    this.#watch = new LaneWatch(this.#remains, this.#operator, life)
  }

  /** Runs to the end, or to the first violation. */
  async run(): Promise<void> {
    const { world } = this
    const { durationMs, repairs } = world.scenario
    void this.#supervise()
    this.#operator.start()
    world.time.after(durationMs, () => this.#calmDown())
    if (!(await this.#until(() => world.calm && this.#hasCaughtUp(), durationMs + patienceMs, 'catch up'))) return
    if (!(await (repairs ? this.#repair() : this.#finishRepairs()))) return
    this.#remains.stream.end()
    if (!(await this.#until(() => this.#finalEnd !== undefined, patienceMs, 'end with the stream'))) return
    this.#checkFinal()
  }

  /** Starts a process, and another when it has ended. */
  async #supervise(): Promise<void> {
    const { world } = this
    for (;;) {
      const life = startLife(this.#remains, this.#sabotage, (cursor, position, how) =>
        this.#watch.claim(cursor, position, how),
      )
      this.#life = life
      for (const [name, oracle] of this.#remains.cuts) oracle.restart(this.#watch.durable(name))
      world.trace.add(() => 'process started')
      const end = await life.process.ended
      if (end.kind !== 'crashed') this.#operator.checkAnswers(life)
      world.trace.add(() => `process ended: ${describeEnd(end)}`)
      if (end.kind === 'rejected' && !isHonestStop(end.error)) world.violate(`the pipeline stopped: ${end.error}`)
      this.#life = undefined
      if (this.#remains.stream.ended && end.kind === 'resolved') {
        this.#finalEnd = end
        return
      }
      await world.time.sleep(world.random.integer(0, 300))
    }
  }

  #calmDown(): void {
    const { world } = this
    world.trace.add(() => 'no more faults')
    world.calm = true
    const life = this.#life
    for (const lane of life?.lanes ?? []) if (life) this.#operator.resume(life, lane)
  }

  async #until(isDone: () => boolean, limitMs: number, what: string): Promise<boolean> {
    const { world } = this
    const hasFailed = () => world.violations.length > 0
    const outcome = await world.time.runUntil(
      () => hasFailed() || isDone(),
      limitMs,
      () => this.#watch.look(),
    )
    if (outcome !== 'done') world.violate(`the pipeline did not ${what} (${outcome}): ${this.#describeLanes()}`)
    return !hasFailed()
  }

  #hasCaughtUp(): boolean {
    const { stream } = this.#remains
    if (stream.length < this.world.events.length || this.#life === undefined) return false
    if (this.#life.abort.signal.aborted) return false
    return this.#life.lanes.every((lane) => {
      const { state, pendingEvents, behindEvents } = lane.status()
      return state === 'running' && pendingEvents === 0 && behindEvents === 0
    })
  }

  /** The destinations take everything now, and every dead letter is tried again. */
  async #repair(): Promise<boolean> {
    const { destinations } = this.#remains
    for (const destination of destinations.values()) destination.repair()
    this.world.trace.add(() => 'operator: the destinations are repaired, retry all')
    if (!(await this.#retry(this.#life?.lanes ?? []))) return false
    for (const { sink, letters } of destinations.values()) {
      const left = stillWaiting(this.#remains.ledger, letters)
      if (left)
        this.world.violate(`${sink.name}: dead letter ${left.id} is still ${left.status} after a repair and a retry`)
    }
    return this.world.violations.length === 0
  }

  /** A repair that was refused half way is asked for again; no letters are named, so only those go whose turn has come. */
  #finishRepairs(): Promise<boolean> {
    const lanes = this.#life?.lanes.filter(({ name }) => this.#operator.refused.has(name)) ?? []
    return this.#retry(lanes, [])
  }

  async #retry(lanes: readonly LaneHandle[], ids?: readonly Position[]): Promise<boolean> {
    let open = lanes.length
    for (const lane of lanes) void this.#retryLane(lane, ids).then(() => open--)
    return this.#until(() => open === 0, patienceMs, 'retry its dead letters')
  }

  async #retryLane(lane: LaneHandle, ids: readonly Position[] | undefined): Promise<void> {
    try {
      await lane.retryDeadLetters(ids)
    } catch (error) {
      if (!toEdsError(error).retryable) this.world.violate(`${lane.name}: retry of dead letters rejected with ${error}`)
      await this.world.time.sleep(1_000)
      await this.#retryLane(lane, ids)
    }
  }

  #checkFinal(): void {
    const { ledger, destinations } = this.#remains
    for (const destination of destinations.values()) {
      for (const wrong of checkFinal(ledger, destination, this.world.scenario.masks))
        this.world.violate(`${destination.sink.name}: in the end ${wrong}`)
    }
  }

  #describeLanes(): string {
    return JSON.stringify(this.#life?.lanes.map((lane) => lane.status()) ?? 'no process')
  }
}

/** Too many events that nobody can explain, one after the other: the lane may say that it is not the events. */
function isHonestStop(error: unknown): boolean {
  return isEdsError(error) && error.code === 'unsupported' && /in a row failed/.test(error.message)
}

function describeEnd(end: ProcessEnd): string {
  if (end.kind === 'crashed') return `crashed at ${end.at}`
  return end.kind === 'rejected' ? `failed: ${end.error}` : 'done'
}
