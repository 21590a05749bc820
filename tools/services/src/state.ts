import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeJson } from './atomic-file.js'
import { servicesFolder } from './machine.js'
import type { ProcessIdentity } from './process-identity.js'

/** What we started for a service, so that a later process can stop it. */
export type ServiceState =
  | { readonly kind: 'process'; readonly identity: ProcessIdentity; readonly executable: string }
  | { readonly kind: 'compose' }

/** Folder of a service's data and log. */
export function instanceFolder(name: string): string {
  return join(servicesFolder(), name)
}

/** Undefined when we started nothing. */
export function readState(name: string): ServiceState | undefined {
  try {
    return JSON.parse(readFileSync(stateFile(name), 'utf8'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new Error(`cannot read ${stateFile(name)}: delete it and stop the server by hand`, { cause: error })
  }
}

/** Replaces the state in one step. */
export function writeState(name: string, state: ServiceState): Promise<void> {
  return writeJson(stateFile(name), state)
}

/** Forgets what we started. */
export async function clearState(name: string): Promise<void> {
  await rm(stateFile(name), { force: true })
}

function stateFile(name: string): string {
  return join(servicesFolder(), `${name}.json`)
}
