import type { Sabotage } from './life.js'
import { Simulation } from './simulation.js'

export interface SimulateOptions {
  /** Keep a readable account of everything that happens. Default false; a run with a violation is repeated to make one. */
  readonly trace?: boolean
  /** Replaces parts by faulty ones, to show that the oracle notices. */
  readonly sabotage?: Sabotage
}

export interface SimulationResult {
  readonly seed: number
  readonly ok: boolean
  /** Promises that were broken, the first one first. */
  readonly violations: readonly string[]
  /** One line per thing that happened, with virtual time. Empty when all was well and no trace was asked for. */
  readonly trace: readonly string[]
}

/**
 * Runs the real pipeline in a simulated world: virtual time, a source, state, dead letters and destinations that fail, and a process
 * that dies at any labelled point. Everything follows from the seed, so a failing one replays exactly. The oracle keeps a ledger of
 * all events and checks that none is lost, overtaken or shown in an older state at rest.
 */
export async function simulate(seed: number, options: SimulateOptions = {}): Promise<SimulationResult> {
  const { trace = false, sabotage = {} } = options
  const simulation = new Simulation(seed, trace, sabotage)
  await simulation.run()
  const { violations, trace: lines } = simulation.world
  if (violations.length > 0 && !trace) return simulate(seed, { ...options, trace: true })
  return { seed, ok: violations.length === 0, violations, trace: lines.lines }
}
