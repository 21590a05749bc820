import { spawn } from 'node:child_process'
import { chownSync, mkdirSync } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isRoot, systemUser } from './machine.js'
import { identityOf, isRunning, type ProcessIdentity, processTree } from './process-identity.js'
import { lastLines } from './run-command.js'
import type { Instance, ServiceDefinition } from './service-definition.js'

const pollMs = 25
const stopTimeoutMs = 30_000

/** Makes the folder, for the user that the server will run as. */
export function makeInstance(
  service: ServiceDefinition,
  place: Omit<Instance, 'user' | 'extraArguments'> & { readonly extraArguments?: readonly string[] },
): Instance {
  const { runAs } = service.native
  // Reachable for the server's user, whatever the umask is.
  mkdirSync(dirname(place.folder), { recursive: true, mode: 0o755 })
  mkdirSync(place.folder, { recursive: true, mode: 0o750 })
  const instance = { extraArguments: [], ...place }
  if (runAs === undefined || !isRoot()) return instance
  const user = systemUser(runAs)
  chownSync(place.folder, user.uid, user.gid)
  return { ...instance, user }
}

/** The server's own log. */
export function logFile(folder: string): string {
  return join(folder, 'server.log')
}

/**
 * Starts the server and resolves once it takes work. `remember` is called as soon as there is a process, so that one
 * whose starter dies can still be found. Rejects, with the end of the server's log, if it is not ready in time.
 */
export async function startProcess(
  service: ServiceDefinition,
  instance: Instance,
  remember: (identity: ProcessIdentity) => Promise<void>,
): Promise<void> {
  await service.native.prepare(instance)
  const identity = await spawnDetached(service, instance)
  try {
    await remember(identity)
    await untilReady(service, instance, identity)
  } catch (error) {
    await stopProcess(identity, 'SIGKILL')
    throw error
  }
}

async function spawnDetached(service: ServiceDefinition, instance: Instance): Promise<ProcessIdentity> {
  const { file, args } = service.native.command(instance)
  const log = await open(logFile(instance.folder), 'a')
  try {
    const child = spawn(file, args, {
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      cwd: instance.folder,
      ...(instance.user ? { uid: instance.user.uid, gid: instance.user.gid } : {}),
    })
    await new Promise<void>((resolve, reject) => {
      child.on('spawn', resolve)
      child.on('error', (cause) => reject(new Error(`cannot run ${file}: ${cause.message}`)))
    })
    child.unref()
    const identity = identityOf(child.pid ?? 0)
    if (identity) return identity
    throw await startFailure(service, instance, 'ended at once')
  } finally {
    await log.close()
  }
}

async function untilReady(service: ServiceDefinition, instance: Instance, identity: ProcessIdentity): Promise<void> {
  if (await becomesReady(service, instance.port, identity)) return
  const how = isRunning(identity) ? `was not ready within ${service.native.startTimeoutMs} ms` : 'ended'
  throw await startFailure(service, instance, how)
}

/** Resolves with whether the process takes work before it ends and before a start's time is over. */
export async function becomesReady(
  service: ServiceDefinition,
  port: number,
  identity: ProcessIdentity,
): Promise<boolean> {
  const deadline = Date.now() + service.native.startTimeoutMs
  while (isRunning(identity) && Date.now() < deadline) {
    const { state } = await service.probe({ host: '127.0.0.1', port }, 1_000)
    if (state === 'ready') return isRunning(identity)
    await delay(pollMs)
  }
  return false
}

async function startFailure(service: ServiceDefinition, { folder, port }: Instance, what: string): Promise<Error> {
  const log = lastLines(await readFile(logFile(folder), 'utf8'))
  return new Error(`${service.title} on port ${port} ${what}; the end of ${logFile(folder)}:\n${log}`)
}

/**
 * Signals the server and resolves once it and its children are gone. SIGKILL goes to the whole tree, as a crash of the
 * machine would; anything else to the server alone, and SIGKILL to all after 30 s.
 */
export async function stopProcess(identity: ProcessIdentity, signal: NodeJS.Signals): Promise<void> {
  const before = processTree(identity)
  if (signal !== 'SIGKILL') {
    send(identity, signal)
    if (await allGone(before)) return
  }
  // Frozen, it cannot start another child while its children are looked up.
  send(identity, 'SIGSTOP')
  const tree = [...before, ...processTree(identity)]
  for (const target of tree) send(target, 'SIGKILL')
  if (!(await allGone(tree))) throw new Error(`process ${identity.pid} does not end`)
}

async function allGone(processes: readonly ProcessIdentity[]): Promise<boolean> {
  const deadline = Date.now() + stopTimeoutMs
  while (processes.some(isRunning)) {
    if (Date.now() > deadline) return false
    await delay(pollMs)
  }
  return true
}

function send(target: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isRunning(target)) return
  try {
    process.kill(target.pid, signal)
  } catch (error) {
    // It ended between the look and the signal.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
