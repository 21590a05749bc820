import { fileURLToPath } from 'node:url'
import { findExecutable } from './machine.js'
import { runCommand } from './run-command.js'

const composeFile = fileURLToPath(new URL('../../../docker-compose.yml', import.meta.url))
const startTimeoutMs = 10 * 60_000

/** Whether `docker compose` is there and its daemon answers. */
export async function composeWorks(): Promise<boolean> {
  if (findExecutable('docker') === undefined) return false
  try {
    await runCommand({ file: 'docker', args: ['compose', 'version'] }, { timeoutMs: 10_000 })
    await runCommand({ file: 'docker', args: ['info'] }, { timeoutMs: 10_000 })
    return true
  } catch {
    return false
  }
}

/** Resolves when the container is healthy. */
export async function composeUp(name: string): Promise<void> {
  await compose('up', '--detach', '--wait', name)
}

/** Removes the container with its data. */
export async function composeDown(name: string): Promise<void> {
  await compose('rm', '--force', '--stop', '--volumes', name)
}

/** Stops the container and keeps its data. */
export async function composeStop(name: string, signal: NodeJS.Signals): Promise<void> {
  if (signal === 'SIGKILL') await compose('kill', name)
  else await compose('stop', name)
}

async function compose(...args: readonly string[]): Promise<void> {
  await runCommand({ file: 'docker', args: ['compose', '--file', composeFile, ...args] }, { timeoutMs: startTimeoutMs })
}
