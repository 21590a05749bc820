import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { composeDown, composeUp } from './compose.js'
import { gatherFacts, mayInstall, namedUrl, probePort } from './facts.js'
import { withLock } from './lock.js'
import { servicesFolder } from './machine.js'
import { isRunning } from './process-identity.js'
import { resolve, type Way } from './resolution.js'
import { becomesReady, makeInstance, startProcess, stopProcess } from './server-process.js'
import type { ProgramDefinition, ServiceDefinition } from './service-definition.js'
import { clearState, instanceFolder, readState, writeState } from './state.js'

/** Longer than any installation. */
const lockTimeoutMs = 20 * 60_000

/** A server that can be used, or why there is none. */
export type Outcome =
  | { readonly state: 'up'; readonly url: string; readonly how: string }
  | { readonly state: 'missing'; readonly reason: string }

/** What {@link up} may do. */
export interface UpOptions {
  /** Install what is missing although this is no throw-away machine. */
  readonly install?: boolean
}

/** Finds or starts the server. Idempotent; calls of any number of processes at once start one server. Never rejects. */
export async function up(service: ServiceDefinition, options: UpOptions = {}): Promise<Outcome> {
  try {
    // Most calls find the server running and need no lock.
    const found = await foundServer(service)
    if (found) return found
    return await locked(service.name, () => resolveAndStart(service, options))
  } catch (error) {
    return { state: 'missing', reason: messageOf(error) }
  }
}

/** Stops what {@link up} started and deletes its data; returns whether there was anything. Leaves other servers alone. */
export function down(service: ServiceDefinition): Promise<boolean> {
  return locked(service.name, async () => {
    const state = readState(service.name)
    if (state?.kind === 'process') await stopProcess(state.identity, service.native.stopSignal)
    if (state?.kind === 'compose') await composeDown(service.name)
    await rm(instanceFolder(service.name), { recursive: true, force: true })
    await clearState(service.name)
    return state !== undefined
  })
}

/** What there is now; starts nothing. */
export async function status(service: ServiceDefinition): Promise<Outcome> {
  const found = await foundServer(service)
  if (found) return found
  if (namedUrl(service) === undefined) return { state: 'missing', reason: `not running on port ${service.port}` }
  return { state: 'missing', reason: resolve(await gatherFacts(service, false)).missing }
}

/** Runs `work` while no other process starts or stops the same thing. */
export function locked<T>(name: string, work: () => Promise<T>): Promise<T> {
  return withLock(join(servicesFolder(), 'locks', name), lockTimeoutMs, work)
}

async function foundServer(service: ServiceDefinition): Promise<Outcome | undefined> {
  if (namedUrl(service) !== undefined) {
    const [way] = resolve(await gatherFacts(service, false)).ways
    return way?.kind === 'named'
      ? { state: 'up', url: way.url, how: `named by ${service.environmentVariable}` }
      : undefined
  }
  if ((await probePort(service)).state !== 'ready') return undefined
  return { state: 'up', url: service.url(service.port), how: answeringBecause(service) }
}

function answeringBecause(service: ServiceDefinition): string {
  const state = readState(service.name)
  if (state?.kind === 'compose') return 'started by docker compose'
  if (state && isRunning(state.identity)) return `started from ${state.executable} (process ${state.identity.pid})`
  return `answers on port ${service.port}`
}

async function resolveAndStart(service: ServiceDefinition, options: UpOptions): Promise<Outcome> {
  if (namedUrl(service) === undefined) await settleOwnProcess(service)
  const { ways, missing } = resolve(await gatherFacts(service, options.install ?? false))
  const failures: string[] = []
  for (const way of ways) {
    try {
      await take(service, way)
      const url = way.kind === 'named' ? way.url : service.url(service.port)
      return { state: 'up', url, how: answeringBecause(service) }
    } catch (error) {
      failures.push(messageOf(error))
    }
  }
  return { state: 'missing', reason: [missing, ...failures].join('\n') }
}

/** Waits for a server of ours that is starting or busy; one that stays silent as long as a start may take is killed. */
async function settleOwnProcess(service: ServiceDefinition): Promise<void> {
  const state = readState(service.name)
  if (state?.kind !== 'process') return
  if (!(await becomesReady(service, service.port, state.identity))) await stopProcess(state.identity, 'SIGKILL')
}

async function take(service: ServiceDefinition, way: Way): Promise<void> {
  switch (way.kind) {
    case 'named':
    case 'answering':
      return
    case 'start':
      return startNatively(service, way.executable)
    case 'install':
      return startNatively(service, await install(service))
    case 'compose':
      await composeUp(service.name)
      return writeState(service.name, { kind: 'compose' })
  }
}

/** Starts the service's own instance on its data folder and remembers it. The caller holds the service's lock. */
export async function startNatively(service: ServiceDefinition, executable: string): Promise<void> {
  const folder = instanceFolder(service.name)
  const instance = makeInstance(service, { executable, folder, port: service.port })
  await startProcess(service, instance, (identity) =>
    writeState(service.name, { kind: 'process', identity, executable }),
  )
}

/** The executable of a server or program; installed first if it is not there and {@link mayInstall} allows it. */
export async function ensureExecutable(service: ProgramDefinition): Promise<string> {
  const { find, installer } = service.native
  const found = find()
  if (found !== undefined) return found
  if (mayInstall(false) && installer.available()) return install(service)
  throw new Error(`${service.title} is not installed: ${installer.label}`)
}

/** One installation at a time: package managers keep locks of their own. */
function install(service: ProgramDefinition): Promise<string> {
  const { find, installer } = service.native
  return locked('install', async () => {
    if (find() === undefined) await installer.run()
    const executable = find()
    if (executable !== undefined) return executable
    throw new Error(`"${installer.label}" ran, but brought no ${service.title} that will do`)
  })
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
