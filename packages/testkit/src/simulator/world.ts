import { SeededRandom } from '../conformance/random.js'
import { type FaultRates, makeScenario, type Scenario } from './scenario.js'
import { Trace } from './trace.js'
import { VirtualTime } from './virtual-time.js'
import { type LedgerEvent, makeWorkload } from './workload.js'

const start = 1_700_000_000_000

/** What outlives every process of a simulation: time, chance, the ledger, and the list of what went wrong. */
export class World {
  readonly time = new VirtualTime(start)
  readonly random: SeededRandom
  readonly scenario: Scenario
  readonly events: readonly LedgerEvent[]
  readonly trace: Trace
  readonly violations: string[] = []
  /** True: no more faults. */
  calm = false
  #crashes = 0

  constructor(seed: number, traced: boolean) {
    const random = new SeededRandom(seed)
    this.scenario = makeScenario(random.fork())
    this.events = makeWorkload(this.scenario, random.fork())
    this.random = random
    this.trace = new Trace(traced, () => this.time.now())
  }

  /** Notes that a promise was broken. The simulation ends with the first one. */
  violate(what: string): void {
    this.violations.push(what)
    this.trace.add(() => `VIOLATION: ${what}`)
  }

  /** Throws the dice for a fault. */
  fails(kind: Exclude<keyof FaultRates, 'crash' | 'slow'>): boolean {
    return !this.calm && this.random.chance(this.scenario.faults[kind])
  }

  /** Throws the dice for a death at a labelled point. Between a dead letter and the position behind it, it tells the most. */
  crashes(label: string): boolean {
    if (this.calm || this.#crashes >= this.scenario.maxCrashes) return false
    const weight = label.startsWith('dead-letters') ? 6 : 1
    if (!this.random.chance(this.scenario.faults.crash * weight)) return false
    this.#crashes++
    return true
  }

  /** How long an operation takes, milliseconds; 0: it does not wait at all. */
  latency(): number {
    const { slow } = this.scenario.faults
    if (!this.random.chance(slow)) return 0
    return this.random.chance(0.05) && !this.calm ? this.random.integer(50, 400) : this.random.integer(1, 12)
  }
}
