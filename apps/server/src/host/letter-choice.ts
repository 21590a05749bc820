import { readdir } from 'node:fs/promises'
import {
  type DeadLetterOutcome,
  type DeadLetterStatus,
  type LaneHandle,
  type Position,
  readDeadLetters,
} from '@eds/core'
import { usageError } from '../exit-codes.js'
import type { DeadLetterRequest } from '../http/control-routes.js'

const waiting: readonly DeadLetterStatus[] = ['open', 'parked']
const extension = '.ndjson'
const maxNamed = 10

/** The sinks that have, or had, dead letters in this folder, in the order of their names. */
export async function sinksWithLetters(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch(() => [])
  return names
    .filter((name) => name.endsWith(extension))
    .map((name) => name.slice(0, -extension.length))
    .sort()
}

/**
 * Looks for letters in the files, whether or not a server runs; in those of all sinks when none is named.
 *
 * @throws CommandFailure (exit code 3) that names the ids which no open or parked letter has, and those that there are
 */
export async function refuseUnknown(directory: string, { sink, ids = [] }: DeadLetterRequest): Promise<void> {
  if (ids.length === 0) return
  const missing = new Set(ids)
  const known: string[] = []
  for (const name of sink === undefined ? await sinksWithLetters(directory) : [sink]) {
    for await (const { id } of readDeadLetters(directory, name, waiting)) {
      missing.delete(id)
      known.push(id)
    }
  }
  if (missing.size === 0) return
  const fix = known.length === 0 ? 'there is none at all' : `there is ${someOf(known)}`
  throw usageError(`there is no open or parked dead letter ${someOf([...missing])}${ofSink(sink)}`, fix)
}

/**
 * A destination whose name was left out has another name than the sink that the letters are of.
 *
 * @throws CommandFailure (exit code 3) when letters wait here, and none is or was of one of these destinations
 */
export async function refuseStranger(directory: string, sink: string, destinations: readonly string[]): Promise<void> {
  if (await hasLetters(directory, sink)) return
  for (const name of await sinksWithLetters(directory)) {
    if (destinations.includes(name) || !(await hasLetters(directory, name, waiting))) continue
    const fix = `there are some of the sink ${name}: name the destination so, --url ${name}=…`
    throw usageError(`there are no dead letters of a sink ${sink} in this data directory`, fix)
  }
}

/** @throws CommandFailure (exit code 3) for ids that no open or parked letter has; then nothing was done */
export async function settleLetters(
  lane: LaneHandle,
  action: DeadLetterRequest['action'],
  ids: readonly Position[] | undefined,
): Promise<DeadLetterOutcome> {
  const outcome = await (action === 'retry' ? lane.retryDeadLetters(ids) : lane.skipDeadLetters(ids))
  if (outcome.unknown.length === 0) return outcome
  const message = `there is no open or parked dead letter ${someOf(outcome.unknown)}${ofSink(lane.name)}`
  throw usageError(message, 'see those that there are by eds dead-letter list')
}

/** The first of many, and how many there are besides. */
export function someOf(ids: readonly string[]): string {
  const rest = ids.length - maxNamed
  return rest > 0 ? `${ids.slice(0, maxNamed).join(', ')} and ${rest} more` : ids.join(', ')
}

function ofSink(sink: string | undefined): string {
  return sink === undefined ? '' : ` of ${sink}`
}

async function hasLetters(directory: string, sink: string, status?: readonly DeadLetterStatus[]): Promise<boolean> {
  for await (const _ of readDeadLetters(directory, sink, status)) return true
  return false
}
