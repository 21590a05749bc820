import { EdsError } from '@eds/core'
import { eventIdOf, placesOf } from './event.js'
import { eventFields, fieldsBytes, maxDocumentBytes } from './firestore-documents.js'
import type { Condition, DocumentWrite, FieldValues } from './firestore-protocol.js'
import type { StorageChange } from './storage.js'

/** Paths of the documents, relative to the database. */
export interface FirestorePaths {
  /** EventSync's own collection: the events. */
  readonly events: string
  readonly firings: string
  readonly head: string
}

/** The commits that make up a step. */
export interface CommitPlan {
  /** Before the step, in any order; harmless when the step is not done after all. */
  readonly ahead: readonly (readonly DocumentWrite[])[]
  /** The step itself, all or nothing. */
  readonly atomic: readonly DocumentWrite[]
  /** Marks for EventSync that found no room in it. */
  readonly after: readonly (readonly DocumentWrite[])[]
}

/** Firestore takes 10 MiB in a commit; of many documents it takes less, because each has entries in indexes. */
const maxBytes = 6 * 2 ** 20
export const maxWrites = 450

export function firestorePaths(collection: string): FirestorePaths {
  return { events: collection, firings: `${collection}-firings`, head: `${collection}-state/head` }
}

export function eventPath({ events }: FirestorePaths, id: string): string {
  return `${events}/${id}`
}

export function firingPath({ firings }: FirestorePaths, name: string): string {
  return `${firings}/${name}`
}

/**
 * One commit wherever the step fits into it. Bodies that do not fit are written ahead: nothing refers to them before the head does. What is to
 * be removed is not referred to since the step before, and can go ahead too.
 *
 * @throws EdsError `configuration` when the head is larger than a document may be.
 */
export function planCommit(paths: FirestorePaths, change: StorageChange, condition: Condition): CommitPlan {
  const used = new Set(change.used.flatMap((range) => placesOf(range)).map(eventIdOf))
  const bodies = bodyWrites(paths, change, used)
  const removals = removalWrites(paths, change)
  // Of this step's own events the mark is written with them.
  for (const { place } of change.events) used.delete(eventIdOf(place))
  const marks = [...used].map((id) => markWrite(paths, id))
  const adopted = change.adopted.map((id) => markWrite(paths, id))
  const atomic = [headWrite(paths, change, condition), ...adopted]
  const ahead: DocumentWrite[] = []
  const isWhole = atomic.length + bodies.length <= maxWrites && bytesOf([...atomic, ...bodies]) <= maxBytes
  if (isWhole) atomic.push(...bodies)
  else ahead.push(...bodies)
  atomic.push(...marks.splice(0, Math.max(0, maxWrites - atomic.length)))
  atomic.push(...removals.splice(0, Math.max(0, maxWrites - atomic.length)))
  return { ahead: chunks([...ahead, ...removals]), atomic, after: chunks(marks) }
}

function headWrite({ head }: FirestorePaths, change: StorageChange, condition: Condition): DocumentWrite {
  const fields = { State: { stringValue: change.head } }
  const bytes = fieldsBytes(fields)
  if (bytes <= maxDocumentBytes) return { set: head, fields, condition }
  throw new EdsError('configuration', `the state of the synchronisation has ${bytes} bytes`, {
    fix: `a document takes ${maxDocumentBytes}: have smaller minNbOfOccurrence, or discard messages that were put aside`,
  })
}

function bodyWrites(
  paths: FirestorePaths,
  { events, firings }: StorageChange,
  used: ReadonlySet<string>,
): DocumentWrite[] {
  return [
    ...events.map(({ place, event }) => ({
      set: eventPath(paths, eventIdOf(place)),
      fields: eventFields(event, used.has(eventIdOf(place))),
    })),
    ...firings.map(({ name, text }) => ({
      set: firingPath(paths, name),
      fields: { Firing: { stringValue: text } },
    })),
  ]
}

function markWrite(paths: FirestorePaths, id: string): DocumentWrite {
  const fields: FieldValues = { AlreadyExported: { booleanValue: true } }
  return { set: eventPath(paths, id), fields, only: ['AlreadyExported'] }
}

function removalWrites(paths: FirestorePaths, { removed }: StorageChange): DocumentWrite[] {
  return [
    ...removed.events.map((place) => ({ remove: eventPath(paths, eventIdOf(place)) })),
    ...removed.firings.map((name) => ({ remove: firingPath(paths, name) })),
  ]
}

function chunks(writes: readonly DocumentWrite[]): DocumentWrite[][] {
  const result: DocumentWrite[][] = []
  let room = 0
  for (const write of writes) {
    const bytes = bytesOf([write])
    const last = result.at(-1)
    if (last === undefined || last.length >= maxWrites || bytes > room) {
      result.push([write])
      room = maxBytes - bytes
    } else {
      last.push(write)
      room -= bytes
    }
  }
  return result
}

/** With 200 bytes for the name of each document. */
function bytesOf(writes: readonly DocumentWrite[]): number {
  return writes.reduce((sum, write) => sum + 200 + ('set' in write ? fieldsBytes(write.fields) : 0), 0)
}
