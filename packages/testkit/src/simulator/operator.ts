import { type LaneHandle, toEdsError } from '@eds/core'
import { parkedBehindNothing } from './final-oracle.js'
import type { Life, Remains } from './life.js'
import { isWaiting } from './simulated-dead-letters.js'

/** A person who pauses lanes, repairs dead letters, and stops the program now and then. */
export class Operator {
  readonly #remains: Remains
  readonly #life: () => Life | undefined
  /** Sinks of which a repair was refused, perhaps half way: somebody has to ask again. */
  readonly refused = new Set<string>()
  readonly #held = new WeakMap<LaneHandle, number>()

  constructor(remains: Remains, life: () => Life | undefined) {
    this.#remains = remains
    this.#life = life
  }

  /** Acts from now on, until the world is calm. */
  start(): void {
    const { world } = this.#remains
    const { operatorMs } = world.scenario
    if (operatorMs === 0) return
    world.time.after(world.random.next() * 2 * operatorMs, () => {
      if (world.calm) return
      this.#act()
      this.start()
    })
  }

  #act(): void {
    const { world } = this.#remains
    const life = this.#life()
    const lane = life?.lanes[world.random.integer(0, life.lanes.length - 1)]
    if (life === undefined || lane === undefined || !life.process.alive) return
    this.#actions(life, lane)[world.random.pick(['pause', 'resume', 'retry', 'retry', 'skip', 'stop', 'kill'])]()
  }

  #actions(life: Life, lane: LaneHandle): Record<'pause' | 'resume' | 'retry' | 'skip' | 'stop' | 'kill', () => void> {
    const { world } = this.#remains
    return {
      pause: () => this.#pause(life, lane),
      resume: () => this.resume(life, lane),
      retry: () => this.#repair(life, lane, 'retry'),
      skip: () => this.#repair(life, lane, 'skip'),
      stop: () => {
        world.trace.add(() => 'operator: stop')
        life.abort.abort()
      },
      kill: () => {
        if (world.random.chance(0.3)) life.process.kill('the operator')
      },
    }
  }

  #pause(life: Life, lane: LaneHandle): void {
    const { world } = this.#remains
    const calls = life.calls.get(lane.name)
    world.trace.add(() => `operator: pause ${lane.name}`)
    const pauses = this.#pauses(lane) + 1
    this.#held.set(lane, pauses)
    lane.pause().then(() => {
      world.trace.add(() => `operator: ${lane.name} is paused`)
      if (calls && this.#pauses(lane) === pauses) calls.paused = true
    })
    world.time.after(world.random.integer(1, 2_000), () => this.resume(life, lane))
  }

  resume(life: Life, lane: LaneHandle): void {
    const calls = life.calls.get(lane.name)
    if (!life.process.alive || calls === undefined) return
    this.#remains.world.trace.add(() => `operator: resume ${lane.name}`)
    this.#held.set(lane, this.#pauses(lane) + 1)
    calls.paused = false
    lane.resume()
  }

  /** True when somebody has asked this lane to pause, or to go on again. */
  mayHold(lane: LaneHandle): boolean {
    return this.#held.has(lane)
  }

  /** Changes with every pause and resume of a lane, so that a pause which comes into effect late is not taken for one that holds. */
  #pauses(lane: LaneHandle): number {
    return this.#held.get(lane) ?? 0
  }

  #repair(life: Life, lane: LaneHandle, how: 'retry' | 'skip'): void {
    const { world } = this.#remains
    const calls = life.calls.get(lane.name)
    const ids = world.random.chance(0.5) ? this.#someLetters(lane.name) : undefined
    world.trace.add(() => `operator: ${how} ${ids?.join(' ') ?? 'all'} of ${lane.name}`)
    if (calls) calls.repairs++
    const outcome = how === 'retry' ? lane.retryDeadLetters(ids) : lane.skipDeadLetters(ids)
    const settled = outcome.then(
      (done) => {
        world.trace.add(() => `operator: ${how} of ${lane.name}: ${JSON.stringify(done)}`)
        this.checkParked(lane, 'after a repair')
      },
      (error: unknown) => {
        this.refused.add(lane.name)
        if (!isHonest(error)) world.violate(`${lane.name}: ${how} of dead letters rejected with ${error}`)
      },
    )
    void settled.then(() => {
      if (calls) calls.repairs--
    })
  }

  /** Nothing is left parked whose turn has come. */
  checkParked(lane: LaneHandle, when: string): void {
    const { world, ledger, destinations } = this.#remains
    const destination = destinations.get(lane.name)
    const parked = destination && parkedBehindNothing(ledger, destination, lane.status().position)
    if (parked !== undefined) world.violate(`${lane.name}: ${when}, dead letter ${parked} is parked behind nothing`)
  }

  /** When a pipeline has ended, everybody who asked it for something has an answer. */
  checkAnswers({ calls }: Life): void {
    for (const [sink, { repairs }] of calls) {
      if (repairs > 0) this.#remains.world.violate(`${sink}: ${repairs} repairs of dead letters were never answered`)
    }
  }

  #someLetters(sink: string): string[] {
    const letters = this.#remains.destinations.get(sink)?.letters.values() ?? []
    return [...letters]
      .filter((letter) => isWaiting(letter) && this.#remains.world.random.chance(0.5))
      .map(({ id }) => id)
  }
}

/** The lane is starting over or stopping, or the disk fails: to be tried again. */
function isHonest(error: unknown): boolean {
  return toEdsError(error).retryable
}
