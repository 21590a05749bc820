import { messageId, type SyncMessage } from '@eds/sync'

export interface ReplayEndpoint {
  readonly eventKey: string
  readonly minNbOfOccurrence: number
}

/** What a window took: contents of the events by endpoint, in the order of their reception. */
export type WindowContents = Readonly<Record<string, readonly string[]>>

interface StoredEvent {
  readonly eventKey: string
  readonly content: string
  /** Unique in a store, and growing with the order in which the events were stored. */
  readonly datetime: string
}

/**
 * The windows that the events of these messages had to make, found in the plainest way: one event after the other in the order in which
 * they were stored, and a window as soon as every endpoint has enough. Events send ALL and none is too old. What is left at the end is the
 * last window: the one that `/trigger` fires.
 */
export function replay(messages: readonly SyncMessage[], endpoints: readonly ReplayEndpoint[]): WindowContents[] {
  const windows: WindowContents[] = []
  let pending: StoredEvent[] = []
  const take = () => {
    windows.push(contentsBy(pending, endpoints))
    pending = []
  }
  for (const event of storedEvents(messages)) {
    pending.push(event)
    const count = (key: string) => pending.filter(({ eventKey }) => eventKey === key).length
    if (endpoints.every(({ eventKey, minNbOfOccurrence }) => count(eventKey) >= minNbOfOccurrence)) take()
  }
  take()
  return windows
}

/** What the messages say that their windows took, in the order in which these fired. */
export function windowsOf(messages: readonly SyncMessage[], endpoints: readonly ReplayEndpoint[]): WindowContents[] {
  const byDate = [...messages].sort((left, right) => (left.date < right.date ? -1 : 1))
  return byDate.map(({ events }) => contentsBy(eventsOf(events), endpoints))
}

/** Each message once. Throws when one came again in another form. */
export function distinct(messages: readonly SyncMessage[]): SyncMessage[] {
  const byId = new Map<string, SyncMessage>()
  for (const message of messages) {
    const known = byId.get(message.eventID)
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(message)) {
      throw new Error(`message ${message.eventID} came again in another form`)
    }
    byId.set(message.eventID, message)
  }
  return [...byId.values()]
}

export function storedEvents(messages: readonly SyncMessage[]): StoredEvent[] {
  const events = messages.flatMap((message) => eventsOf(message.events))
  return events.sort((left, right) => (left.datetime < right.datetime ? -1 : 1))
}

/**
 * The id that each window's message must have in a store with one writer: there the events of an endpoint are numbered without gaps, so
 * that a lost one would show in every id that follows.
 */
export function expectedIds(
  windows: readonly WindowContents[],
  lines: Readonly<Record<string, { readonly writer: string; readonly slot: number }>>,
): string[] {
  const counts = new Map<string, number>()
  return windows.map((window) => {
    const ids = Object.entries(window).flatMap(([eventKey, contents]) => {
      const { writer, slot } = lines[eventKey] ?? { writer: 'none', slot: -1 }
      const before = counts.get(eventKey) ?? 0
      counts.set(eventKey, before + contents.length)
      return contents.map((_, index) => `${writer}-${slot}-${before + index + 1}`)
    })
    return messageId(ids)
  })
}

function eventsOf(events: SyncMessage['events']): StoredEvent[] {
  return Object.values(events).flatMap(({ events: list = [] }) => list)
}

function contentsBy(events: readonly StoredEvent[], endpoints: readonly ReplayEndpoint[]): WindowContents {
  const contents = (key: string) => events.filter(({ eventKey }) => eventKey === key).map(({ content }) => content)
  return Object.fromEntries(endpoints.map(({ eventKey }) => [eventKey, contents(eventKey)]))
}
