import type { Selection, SyncConfig, SyncTrigger } from './config.js'
import { formatDate, formatMessageDate } from './date.js'
import { type EventPlace, type EventRange, placesOf, rangeLength, type SyncEvent } from './event.js'
import { messageEvent, messageId, type SyncMessage, type SyncMessageEvents } from './message.js'

/** A window that fired: all that its message needs, fixed when it fired. */
export interface Firing {
  readonly name: string
  readonly date: number
  readonly serviceName: string
  readonly triggerType: SyncTrigger['type']
  /** The events stay in use: other firings may hold them too. */
  readonly keep: boolean
  readonly endpoints: readonly FiringEndpoint[]
}

/** The part of an endpoint: all its unused events in the observation period. */
export interface FiringEndpoint {
  readonly eventKey: string
  readonly eventToSend: Selection
  readonly minNbOfOccurrence: number
  readonly first?: number
  readonly last?: number
  readonly ranges: readonly EventRange[]
}

export function parseFiring(text: string): Firing {
  // Only this program writes firings, in this form.
  return JSON.parse(text) as Firing
}

/** Where the endpoint's selected events may be: with several writers, some that `selectEvents` leaves out. */
export function candidatePlaces({ eventToSend, ranges }: FiringEndpoint): EventPlace[] {
  return ranges.flatMap((range) => {
    const { writer, slot, from, through } = range
    if (eventToSend === 'ALL') return placesOf(range)
    const ends = eventToSend === 'FIRST' ? [from] : eventToSend === 'LAST' ? [through] : [from, through]
    return [...new Set(ends)].map((sequence) => ({ writer, slot, sequence }))
  })
}

/** The selected ones of an endpoint's candidates, by reception. */
export function selectEvents(selection: Selection, candidates: readonly SyncEvent[]): readonly SyncEvent[] {
  const sorted = [...candidates].sort((left, right) => left.date - right.date)
  if (selection === 'ALL' || sorted.length === 0) return sorted
  if (selection === 'FIRST') return sorted.slice(0, 1)
  if (selection === 'LAST' || sorted.length === 1) return sorted.slice(-1)
  return [...sorted.slice(0, 1), ...sorted.slice(-1)]
}

/** `candidates`: of each endpoint, in the order of the firing. */
export function buildMessage(
  { date, serviceName, triggerType, endpoints }: Firing,
  candidates: readonly (readonly SyncEvent[])[],
  legacyDates: boolean,
): SyncMessage {
  const parts = endpoints.map((endpoint, index) => ({
    endpoint,
    selected: selectEvents(endpoint.eventToSend, candidates[index] ?? []),
  }))
  return {
    eventID: messageId(parts.flatMap(({ selected }) => selected.map(({ id }) => id))),
    date: formatMessageDate(date),
    serviceName,
    triggerType,
    events: Object.fromEntries(
      parts.map(({ endpoint, selected }) => [endpoint.eventKey, partOf(endpoint, selected, legacyDates)]),
    ),
  }
}

function partOf(endpoint: FiringEndpoint, selected: readonly SyncEvent[], legacyDates: boolean): SyncMessageEvents {
  const { first, last, ranges, minNbOfOccurrence, eventToSend } = endpoint
  const numberOfEvents = ranges.reduce((sum, range) => sum + rangeLength(range), 0)
  const facts = { numberOfEvents, minNbOfOccurrence, eventToSend }
  if (first === undefined || last === undefined) return facts
  return {
    [legacyDates ? 'FirstEventDate' : 'firstEventDate']: formatDate(first),
    lastEventDate: formatDate(last),
    ...facts,
    events: selected.map(messageEvent),
  }
}

/** What a firing takes from its configuration. */
export function firingFacts({
  serviceName,
  trigger,
}: SyncConfig): Pick<Firing, 'serviceName' | 'triggerType' | 'keep'> {
  return { serviceName, triggerType: trigger.type, keep: trigger.keepEventAfterTrigger }
}
