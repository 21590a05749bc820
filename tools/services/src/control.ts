import { composeStop, composeUp } from './compose.js'
import { locked, startNatively, up } from './engine.js'
import { isRunning } from './process-identity.js'
import { serviceNamed } from './registry.js'
import { stopProcess } from './server-process.js'
import type { ServiceDefinition } from './service-definition.js'
import { readState, type ServiceState } from './state.js'

/** A service by name, or by a definition of one's own. */
export type ServiceReference = string | ServiceDefinition

/** The URL of a running or startable server; undefined when it cannot be had. */
export async function serviceUrl(reference: ServiceReference): Promise<string | undefined> {
  const outcome = await up(definitionOf(reference))
  return outcome.state === 'up' ? outcome.url : undefined
}

/**
 * Stops the shared server and keeps its data, for tests of interruption. Resolves when it is gone.
 * `SIGKILL` is a crash: the server and all its children at once. Rejects when we did not start it.
 */
export async function stopService(reference: ServiceReference, signal?: NodeJS.Signals): Promise<void> {
  const service = definitionOf(reference)
  await locked(service.name, () => stop(service, signal))
}

/** Starts a stopped server on the same data and port. Resolves when it takes work; harmless when it runs. */
export async function startService(reference: ServiceReference): Promise<void> {
  const service = definitionOf(reference)
  await locked(service.name, () => start(service))
}

/** {@link stopService}, then {@link startService}, with nobody else starting it in between. */
export async function restartService(reference: ServiceReference, signal?: NodeJS.Signals): Promise<void> {
  const service = definitionOf(reference)
  await locked(service.name, async () => {
    await stop(service, signal)
    await start(service)
  })
}

function definitionOf(reference: ServiceReference): ServiceDefinition {
  return typeof reference === 'string' ? serviceNamed(reference) : reference
}

async function stop(service: ServiceDefinition, signal = service.native.stopSignal): Promise<void> {
  const state = ownState(service)
  if (state.kind === 'compose') await composeStop(service.name, signal)
  else await stopProcess(state.identity, signal)
}

async function start(service: ServiceDefinition): Promise<void> {
  const state = ownState(service)
  if (state.kind === 'compose') await composeUp(service.name)
  else if (!isRunning(state.identity)) await startNatively(service, state.executable)
}

function ownState(service: ServiceDefinition): ServiceState {
  const state = readState(service.name)
  if (state) return state
  throw new Error(`${service.title} was not started by services:up, so it is not ours to stop or start`)
}
