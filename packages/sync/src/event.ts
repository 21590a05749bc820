/** Names with one or several values each, as headers and query parameters have them. */
export type ValueLists = Readonly<Record<string, readonly string[]>>

/** What an endpoint received. */
export interface SyncRequest {
  /** `eventKey` of the endpoint. */
  readonly eventKey: string
  /** In upper case. */
  readonly httpMethod: string
  readonly headers: ValueLists
  readonly queryParams: ValueLists
  /** The body, as text. */
  readonly content: string
}

/** A stored request. */
export interface SyncEvent extends SyncRequest {
  /** Unique in the store, `[0-9a-z-]+`. Storages that keep documents name them by it. */
  readonly id: string
  /** When it was received, epoch microseconds: unique and growing within the store, even when the clock goes back. */
  readonly date: number
}

/** Where an event lies: the endpoint's lines (one per writer) number their events from 1. */
export interface EventPlace {
  /** Names who stored it: an instance of this program, or the store itself where only one can have it open. `[0-9a-z]+` */
  readonly writer: string
  /** Number of the endpoint in this store. */
  readonly slot: number
  readonly sequence: number
}

/** Neighbouring places of one line, both ends included. */
export interface EventRange {
  readonly writer: string
  readonly slot: number
  readonly from: number
  readonly through: number
}

/** The id of the event that lies there. */
export function eventIdOf({ writer, slot, sequence }: EventPlace): string {
  return `${writer}-${slot}-${sequence}`
}

export function rangeLength({ from, through }: EventRange): number {
  return through - from + 1
}

/** Up to `limit` places of the range, from its beginning. */
export function placesOf({ writer, slot, from, through }: EventRange, limit = Number.POSITIVE_INFINITY): EventPlace[] {
  const last = Math.min(through, from + limit - 1)
  return Array.from({ length: last - from + 1 }, (_, index) => ({ writer, slot, sequence: from + index }))
}
