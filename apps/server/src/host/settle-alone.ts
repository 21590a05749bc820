import {
  createPipeline,
  type DeadLetterOutcome,
  fileDeadLetters,
  type SchemaRegistry,
  type Sink,
  type StateStore,
  systemClock,
} from '@eds/core'
import { openLmdbState } from '@eds/state-lmdb'
import type { CommandCall } from '../command.js'
import { configForServer } from '../config/config-location.js'
import { usageError } from '../exit-codes.js'
import type { DeadLetterRequest } from '../http/control-routes.js'
import { createLogger } from '../logging/create-logger.js'
import { readCommonSettings } from '../settings/common.js'
import { readDestinationSettings } from '../settings/destination.js'
import { readModeFacts } from '../settings/hq.js'
import { type DataDirectory, dataDirectoryAt, makeDataDirectory } from './data-directory.js'
import { installedDrivers } from './drivers.js'
import { idleSource } from './idle-source.js'
import { refuseStranger, settleLetters } from './letter-choice.js'
import { schemaRegistry } from './schema-registry.js'
import { type PlannedSink, planSinks } from './sinks.js'

/** Settles dead letters while no server runs, in a pipeline of its own that reads nothing. */
export async function settleAlone(
  call: CommandCall,
  dataDirectory: string,
  request: DeadLetterRequest,
): Promise<DeadLetterOutcome> {
  const { sinks, registryFor } = await destinationsOf(call, dataDirectory)
  const { sink, registry: seen } = chosen(sinks, request.sink)
  const names = sinks.map((planned) => planned.sink.name)
  await refuseStranger(dataDirectoryAt(dataDirectory).deadLetters, sink.name, names)
  const directory = await makeDataDirectory(dataDirectory)
  const state = await openLmdbState({ directory: directory.state })
  try {
    const { registry, close } = await registryFor(state)
    try {
      return await settleIn({ call, sink, state, directory, registry: seen?.(registry) ?? registry, request })
    } finally {
      await close?.()
    }
  } finally {
    await state.close()
  }
}

interface Destinations {
  readonly sinks: readonly PlannedSink[]
  readonly registryFor: (state: StateStore) => Promise<{ registry: SchemaRegistry; close?: () => Promise<void> }>
}

/** As `eds server` has them: by the rules of the configuration file, if there is one, with what the command line says in place of it. */
async function destinationsOf(call: CommandCall, dataDirectory: string): Promise<Destinations> {
  const path = configForServer(call, await readModeFacts(call))
  if (path === undefined) {
    const settings = await readDestinationSettings(call, dataDirectory, { operands: [] })
    const drivers = await installedDrivers(call.io.workingDirectory, settings.drivers)
    const sinks = await planSinks(settings.urls, drivers, call.redactor)
    return { sinks, registryFor: async (state) => ({ registry: await schemaRegistry(settings.schema, state) }) }
  }
  const { planConfig } = await import('../config/config-plan.js')
  const { configRegistry } = await import('../config/config-source.js')
  const plan = await planConfig({ ...call, operands: [] }, path)
  return { sinks: plan.sinks, registryFor: (state) => configRegistry(plan, state) }
}

function chosen(sinks: readonly PlannedSink[], name: string | undefined): PlannedSink {
  const names = sinks.map(({ sink }) => sink.name).join(', ')
  const [sink, ...others] = name === undefined ? sinks : sinks.filter((candidate) => candidate.sink.name === name)
  if (!sink) throw usageError(`there is no sink "${name}" among the destinations`, `there is ${names}`)
  if (others.length > 0) throw usageError('there are several sinks', `name one of ${names} by --sink`)
  return sink
}

interface Alone {
  readonly call: CommandCall
  readonly sink: Sink
  readonly state: StateStore
  readonly directory: DataDirectory
  readonly registry: Awaited<ReturnType<typeof schemaRegistry>>
  readonly request: DeadLetterRequest
}

async function settleIn({ call, sink, state, directory, registry, request }: Alone): Promise<DeadLetterOutcome> {
  const logger = createLogger(readCommonSettings(call).log, call.io.stderr, call.redactor)
  const done = new AbortController()
  let open = (): void => {}
  const isOpen = new Promise<void>((resolve) => {
    open = resolve
  })
  const pipeline = createPipeline({
    source: idleSource(),
    sinks: [sink],
    state,
    registry,
    deadLetters: fileDeadLetters({ directory: directory.deadLetters }),
    clock: systemClock,
    logger,
    metrics: {
      onState: (_sink, to) => {
        if (to === 'running') open()
      },
    },
  })
  const run = pipeline.run({ signal: AbortSignal.any([call.io.signal, done.signal]) })
  try {
    await Promise.race([isOpen, run])
    const [lane] = pipeline.lanes
    if (!lane) throw usageError('there is no sink')
    return await settleLetters(lane, request.action, request.ids)
  } finally {
    done.abort()
    await run.catch(() => {})
    logger.close()
  }
}
