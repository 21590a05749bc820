import type { DriverTraits, RetryOptions } from '@eds/core'
import type { SeededRandom } from '../conformance/random.js'

/** How often something goes wrong, 0 to 1, each time it could. */
export interface FaultRates {
  /** At every labelled point: the process dies. */
  readonly crash: number
  readonly openFails: number
  readonly readerBreaks: number
  /** The reader delivers some of the last messages once more. */
  readonly readerRepeats: number
  readonly acknowledgementFails: number
  readonly acknowledgementLost: number
  readonly stateFails: number
  readonly deadLetterFails: number
  readonly registryFails: number
  readonly connectFails: number
  readonly prepareFails: number
  /** Rejected before anything was applied. */
  readonly writeRefused: number
  /** Applied, but the answer was lost. */
  readonly answerLost: number
  /** Some of the batch applied, then rejected. */
  readonly writeTorn: number
  /** The table does not fit any more. */
  readonly schemaLost: number
  /** An operation takes its time. */
  readonly slow: number
}

/** One sink of a scenario. */
export interface SinkScenario {
  readonly name: string
  readonly traits: DriverTraits
  /** `rows`: a destination with tables and migrations. `log`: one that keeps every event. */
  readonly flavour: 'rows' | 'log'
  /** Share of events that this destination can never take. */
  readonly poison: number
}

/** Everything about a run that the seed decides before it begins. */
export interface Scenario {
  readonly events: number
  /** Virtual time over which events are published and faults happen, milliseconds. */
  readonly durationMs: number
  readonly rowsPerTable: number
  readonly undecodable: number
  readonly skipped: number
  /** True: a stage takes the user out of every event, which then must not be seen anywhere. */
  readonly masks: boolean
  readonly sinks: readonly SinkScenario[]
  readonly faults: FaultRates
  readonly maxCrashes: number
  /** Mean time between actions of the operator, milliseconds; 0: nobody is there. */
  readonly operatorMs: number
  /** False: positions are kept in memory only, and a restart relies on what the source remembers. */
  readonly durableState: boolean
  readonly drainMs: number
  readonly retry: RetryOptions
  /** True: the destinations are repaired before the end, and every dead letter is tried again. */
  readonly repairs: boolean
}

export function makeScenario(random: SeededRandom): Scenario {
  const sinkCount = random.pick([1, 1, 1, 2, 2, 3])
  return {
    events: random.integer(20, 120),
    durationMs: random.pick([500, 2_000, 10_000]),
    rowsPerTable: random.integer(1, 4),
    undecodable: random.pick([0, 0.02, 0.06]),
    skipped: random.pick([0, 0.1, 0.5]),
    masks: random.chance(0.2),
    sinks: Array.from({ length: sinkCount }, (_, index) => makeSink(random, `sink-${index + 1}`)),
    faults: makeFaultRates(random),
    maxCrashes: random.pick([0, 2, 5, 10]),
    operatorMs: random.pick([0, 100, 500, 3_000]),
    durableState: random.chance(0.85),
    drainMs: random.pick([0, 20, 1_000, 30_000]),
    retry: {
      baseMs: random.pick([1, 10, 100]),
      maxMs: random.pick([200, 2_000]),
      unknownAttempts: random.integer(2, 6),
    },
    repairs: random.chance(0.5),
  }
}

function makeSink(random: SeededRandom, name: string): SinkScenario {
  const flavour = random.pick(['rows', 'rows', 'log'])
  return {
    name,
    flavour,
    poison: random.pick([0, 0.04, 0.15]),
    traits: {
      maxBatchEvents: random.pick([1, 2, 5, 12, 40]),
      maxBatchBytes: random.pick([500, 2_000, 20_000]),
      maxInFlight: random.pick([1, 1, 2, 3]),
      lingerMs: random.pick([0, 0, 5, 60]),
      ordering: 'key',
      redelivery: flavour === 'rows' ? 'idempotent' : 'duplicates',
      compaction: flavour === 'rows',
      batches: random.pick(['free', 'free', 'stable']),
      start: 'resume',
    },
  }
}

function makeFaultRates(random: SeededRandom): FaultRates {
  const rate = (often: number) => random.pick([0, often / 4, often])
  return {
    crash: rate(0.02),
    openFails: rate(0.4),
    readerBreaks: rate(0.15),
    readerRepeats: rate(0.1),
    acknowledgementFails: rate(0.3),
    acknowledgementLost: rate(0.3),
    stateFails: rate(0.2),
    deadLetterFails: rate(0.2),
    registryFails: rate(0.4),
    connectFails: rate(0.4),
    prepareFails: rate(0.3),
    writeRefused: rate(0.3),
    answerLost: rate(0.2),
    writeTorn: rate(0.2),
    schemaLost: rate(0.1),
    slow: random.pick([0.2, 0.6, 0.9]),
  }
}
