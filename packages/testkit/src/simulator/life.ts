import {
  type ChangeEvent,
  createPipeline,
  type Driver,
  type DriverDefinition,
  EdsError,
  type EventStage,
  type LaneHandle,
  type Pipeline,
  type PipelineOptions,
  rewriteEvent,
  type Sink,
  type Source,
} from '@eds/core'
import { z } from 'zod'
import type { CutOracle } from './cut-oracle.js'
import { DriverCalls } from './driver-calls.js'
import type { Ledger } from './ledger.js'
import { SimulatedDeadLetters } from './simulated-dead-letters.js'
import type { SimulatedDestination } from './simulated-destination.js'
import { SimulatedDriver } from './simulated-driver.js'
import { SimulatedProcess } from './simulated-process.js'
import { simulatedRegistry } from './simulated-registry.js'
import { type PositionClaim, SimulatedSource } from './simulated-source.js'
import { SimulatedState } from './simulated-state.js'
import type { SimulatedStream } from './simulated-stream.js'
import type { World } from './world.js'

/** Replaces parts of a simulation, to show that the oracle notices. */
export interface Sabotage {
  readonly driver?: (driver: Driver) => Driver
  readonly source?: (source: Source) => Source
  readonly pipeline?: (options: PipelineOptions) => Pipeline
}

/** What outlives a process, besides the world. */
export interface Remains {
  readonly world: World
  readonly ledger: Ledger
  readonly stream: SimulatedStream
  readonly disk: Map<string, string>
  readonly destinations: ReadonlyMap<string, SimulatedDestination>
  /** Only of sinks that need stable batches. */
  readonly cuts: ReadonlyMap<string, CutOracle>
}

/** One process and the pipeline that runs in it. */
export interface Life {
  readonly process: SimulatedProcess
  readonly lanes: readonly LaneHandle[]
  readonly calls: ReadonlyMap<string, DriverCalls>
  readonly abort: AbortController
}

/** Starts the real pipeline in a new process, on what the last one left. */
export function startLife(remains: Remains, sabotage: Sabotage, claim: PositionClaim): Life {
  const { world, ledger, stream, disk, destinations, cuts } = remains
  const { drainMs, retry, durableState, sinks } = world.scenario
  const process = new SimulatedProcess(world)
  const calls = new Map<string, DriverCalls>()
  for (const { name } of sinks) {
    calls.set(name, new DriverCalls(world, destinationOf(remains, name), cuts.get(name)))
  }
  const source = new SimulatedSource(process, stream, claim)
  const letters = new Map([...destinations].map(([name, destination]) => [name, destination.letters]))
  const options: PipelineOptions = {
    source: sabotage.source?.(source) ?? source,
    sinks: sinks.map(({ name }) => makeSink(remains, name, process, calls.get(name), sabotage)),
    ...(durableState && { state: new SimulatedState(process, disk) }),
    deadLetters: new SimulatedDeadLetters(process, letters),
    registry: simulatedRegistry(process),
    stages: world.scenario.masks ? [mask, stageOf(ledger)] : [stageOf(ledger)],
    start: { at: 'beginning' },
    retry,
    drainMs,
    clock: process.clock,
    random: world.random.next,
    session: 'simulation',
  }
  const pipeline = (sabotage.pipeline ?? createPipeline)(options)
  const abort = new AbortController()
  pipeline.run({ signal: abort.signal }).then(
    () => process.finish({ kind: 'resolved' }),
    (error: unknown) => process.finish({ kind: 'rejected', error }),
  )
  return { process, lanes: pipeline.lanes, calls, abort }
}

function destinationOf({ destinations }: Remains, name: string): SimulatedDestination {
  const destination = destinations.get(name)
  if (destination === undefined) throw new TypeError(`no destination is named ${name}`)
  return destination
}

function makeSink(
  remains: Remains,
  name: string,
  process: SimulatedProcess,
  calls: DriverCalls | undefined,
  sabotage: Sabotage,
): Sink {
  const destination = destinationOf(remains, name)
  if (calls === undefined) throw new TypeError(`nobody watches ${name}`)
  const definition: DriverDefinition = {
    apiVersion: 1,
    name: 'simulated',
    title: 'Simulated',
    description: 'A destination that fails as often as the seed says',
    exampleUrl: 'simulated://',
    schemes: ['simulated'],
    config: z.unknown(),
    parse: () => ({}),
    format: () => 'simulated://',
    traits: () => destination.sink.traits,
    create() {
      const driver = new SimulatedDriver(process, destination, calls)
      return sabotage.driver?.(driver) ?? driver
    },
  }
  return { name, definition, config: {}, options: {} }
}

const mask: EventStage = (event) => rewriteEvent(event, { userId: undefined })

/** Skips and refuses what the ledger says. */
function stageOf(ledger: Ledger): EventStage {
  return (event: ChangeEvent) => {
    const fate = ledger.at(event.position)?.fate
    if (fate === 'refused') throw new EdsError('record', 'a stage refuses this event')
    return fate === 'skipped' ? undefined : event
  }
}
