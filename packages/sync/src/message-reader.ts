import { EdsError } from '@eds/core'
import type { EventPlace, SyncEvent } from './event.js'
import { buildMessage, candidatePlaces, type Firing } from './firing.js'
import type { SyncMessage } from './message.js'
import { lostEvent } from './step.js'
import type { SyncStorage } from './storage.js'

export interface MessageReaderOptions {
  readonly storage: SyncStorage
  readonly legacyDates: boolean
  readonly maxMessageBytes: number
}

/** Events read at a time. */
const chunk = 256

/**
 * The message of a firing, with its events read from the store: no more of them than a message may hold.
 *
 * @throws EdsError `record` when it is larger than a message may be, naming its size and its endpoints.
 */
export async function readMessage(firing: Firing, options: MessageReaderOptions): Promise<SyncMessage> {
  const { storage, legacyDates, maxMessageBytes } = options
  const candidates: SyncEvent[][] = []
  let bytes = 0
  for (const endpoint of firing.endpoints) {
    const events: SyncEvent[] = []
    candidates.push(events)
    const places = candidatePlaces(endpoint)
    for (let start = 0; start < places.length; start += chunk) {
      const read = await readAll(storage, places.slice(start, start + chunk))
      for (const event of read) if (endpoint.eventToSend === 'ALL') bytes += event.content.length
      // A character takes one byte at least.
      if (bytes > maxMessageBytes) throw tooLarge(firing, `more than ${bytes}`, maxMessageBytes)
      events.push(...read)
    }
  }
  const message = buildMessage(firing, candidates, legacyDates)
  const size = Buffer.byteLength(JSON.stringify(message))
  if (size > maxMessageBytes) throw tooLarge(firing, String(size), maxMessageBytes)
  return message
}

async function readAll(storage: SyncStorage, places: readonly EventPlace[]): Promise<SyncEvent[]> {
  const events = await storage.readEvents(places)
  return places.map((place, index) => {
    const event = events[index]
    if (event === undefined) throw lostEvent(place, storage)
    return event
  })
}

function tooLarge({ serviceName, endpoints }: Firing, size: string, most: number): EdsError {
  const keys = endpoints.filter(({ ranges }) => ranges.length > 0).map(({ eventKey }) => `"${eventKey}"`)
  const message = `the message of "${serviceName}" has ${size} bytes, of the events of ${keys.join(', ')}`
  return new EdsError('record', message, {
    fix: `at most ${most} bytes can be sent: choose FIRST, LAST or BOUNDARIES as eventToSend, or a shorter observationPeriod`,
  })
}
