import { type ChangeEvent, messageKeyOf, type WriteFailure } from '@eds/core'
import {
  encodeMessage,
  limits,
  type MessageOptions,
  maxMessageBytes,
  messageBytes,
  type PubsubMessage,
  tooLarge,
} from './encode.js'

/** The messages of one request, in order. */
export type PublishRequest = readonly PubsubMessage[]

/** What a batch becomes. */
export interface PublishPlan {
  /** Requests of a lane go out one after the other; lanes share no row, so they may go out side by side. */
  readonly lanes: readonly (readonly PublishRequest[])[]
  /** Events that Pub/Sub cannot take. */
  readonly failures: readonly WriteFailure[]
}

/** Requests under way at a time. */
const maxLanes = 4

class Lane {
  readonly requests: PubsubMessage[][] = []
  #bytes = 0

  add(message: PubsubMessage, bytes: number, maxBytes: number): void {
    const last = this.requests.at(-1)
    if (last !== undefined && last.length < limits.requestMessages && this.#bytes + bytes <= maxBytes) {
      last.push(message)
      this.#bytes += bytes
    } else {
      this.requests.push([message])
      this.#bytes = bytes
    }
  }
}

/** Packs events into requests within Pub/Sub's limits. All events of a row are in one lane, in their order. */
export function planRequests(events: readonly ChangeEvent[], topic: string, options: MessageOptions): PublishPlan {
  const maxBytes = maxMessageBytes(topic)
  const laneCount = Math.min(maxLanes, Math.ceil(events.length / limits.requestMessages))
  const lanes = Array.from({ length: laneCount }, () => new Lane())
  const failures: WriteFailure[] = []
  for (const [index, event] of events.entries()) {
    const message = encodeMessage(event, options)
    const bytes = messageBytes(message)
    if (bytes > maxBytes) failures.push({ index, error: tooLarge(event, bytes, maxBytes) })
    else lanes[laneOf(event, laneCount)]?.add(message, bytes, maxBytes)
  }
  return { lanes: lanes.map(({ requests }) => requests).filter((requests) => requests.length > 0), failures }
}

/** FNV-1a over table and primary key, which both all events of a row and all events of an ordering key share. */
function laneOf(event: ChangeEvent, lanes: number): number {
  if (lanes === 1) return 0
  const key = `${event.table}.${messageKeyOf(event)}`
  let hash = 0x811c9dc5
  for (let index = 0; index < key.length; index++) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193)
  return (hash >>> 0) % lanes
}
