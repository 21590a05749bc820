import type { StateStore } from '@eds/core'
import { type EventPlace, eventIdOf, type SyncEvent } from './event.js'
import type { StorageChange, StoredHead, SyncStorage } from './storage.js'

const headKey = 'head'

function eventKeyOf(place: EventPlace): string {
  return `event/${eventIdOf(place)}`
}

function firingKeyOf(name: string): string {
  return `firing/${name}`
}

/**
 * Keeps a synchronisation in a state store that nobody else has open, for instance a namespace of `openLmdbState`. With
 * `memoryState()` nothing survives the process. Closing it leaves the state store open.
 */
export function embeddedStorage(state: StateStore, description = 'embedded store'): SyncStorage {
  let revision = 0
  return {
    description,
    shared: false,
    async load(): Promise<StoredHead> {
      return { text: await state.get(headKey), revision: String(revision) }
    },
    async commit(change) {
      await state.write(changesOf(change))
      revision++
      return String(revision)
    },
    readEvents: (places) => Promise.all(places.map((place) => readEvent(state, place))),
    readFiring: (name) => state.get(firingKeyOf(name)),
    close: async () => {},
  }
}

function changesOf({ head, events, firings, removed }: StorageChange): Record<string, string | undefined> {
  const changes: Record<string, string | undefined> = {}
  for (const place of removed.events) changes[eventKeyOf(place)] = undefined
  for (const name of removed.firings) changes[firingKeyOf(name)] = undefined
  for (const { place, event } of events) changes[eventKeyOf(place)] = JSON.stringify(event)
  for (const { name, text } of firings) changes[firingKeyOf(name)] = text
  changes[headKey] = head
  return changes
}

async function readEvent(state: StateStore, place: EventPlace): Promise<SyncEvent | undefined> {
  const text = await state.get(eventKeyOf(place))
  // Only this module writes events, in this form.
  return text === undefined ? undefined : (JSON.parse(text) as SyncEvent)
}
