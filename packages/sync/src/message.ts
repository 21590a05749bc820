import { createHash } from 'node:crypto'
import type { Selection, SyncTrigger } from './config.js'
import { formatDate } from './date.js'
import type { SyncEvent, ValueLists } from './event.js'

/** The message that goes out, in the form that EventSync gives it. */
export interface SyncMessage {
  /** Hex MD5 of the ids of the events in it: the same events, the same id. */
  readonly eventID: string
  /** When the window fired; RFC 3339, nine digits of the second. */
  readonly date: string
  readonly serviceName: string
  readonly triggerType: SyncTrigger['type']
  /** By `eventKey`, in the order of the configuration. */
  readonly events: Readonly<Record<string, SyncMessageEvents>>
}

/** What a message says of an endpoint. */
export interface SyncMessageEvents {
  /** Date of the oldest event in the observation period; absent when there is none. */
  readonly firstEventDate?: string
  /** The older spelling, in place of `firstEventDate`. */
  readonly FirstEventDate?: string
  readonly lastEventDate?: string
  /** Events in the observation period; may be more than `events` holds. */
  readonly numberOfEvents: number
  readonly minNbOfOccurrence: number
  readonly eventToSend: Selection
  /** The selected ones, by reception; absent when there is none. */
  readonly events?: readonly SyncMessageEvent[]
}

export interface SyncMessageEvent {
  readonly datetime: string
  readonly eventKey: string
  readonly headers: ValueLists
  readonly queryParams: ValueLists
  readonly content: string
  readonly httpMethod: string
}

/** `ids`: of the events in the message, endpoints in the order of the configuration, events by reception. */
export function messageId(ids: readonly string[]): string {
  return createHash('md5').update(ids.join('')).digest('hex')
}

export function messageEvent({
  date,
  eventKey,
  headers,
  queryParams,
  content,
  httpMethod,
}: SyncEvent): SyncMessageEvent {
  return { datetime: formatDate(date), eventKey, headers, queryParams, content, httpMethod }
}
