import type { SyncConfig, SyncMessage } from '../../src/index.js'
import { formatDate, formatMessageDate, messageId } from '../../src/index.js'
import { request } from './sync-world.js'

interface ModelEvent {
  readonly id: string
  readonly eventKey: string
  readonly content: string
  readonly date: number
  used: boolean
}

/** What a synchronisation has to do, in the plainest form: all events in one list, everything looked for in all of it. */
export class Model {
  readonly events: ModelEvent[] = []
  readonly messages: SyncMessage[] = []
  readonly #config: SyncConfig
  #time = 0

  constructor(config: SyncConfig) {
    this.#config = config
  }

  /** `now`: epoch milliseconds. Returns the date that the event must have got. */
  receive(id: string, eventKey: string, content: string, now: number): number {
    this.#time = Math.max(now * 1_000, this.#time + 1)
    this.events.push({ id, eventKey, content, date: this.#time, used: false })
    const { trigger, endpoints } = this.#config
    const enough = endpoints.every((endpoint) => this.pending(endpoint.eventKey).length >= endpoint.minNbOfOccurrence)
    if (trigger.type === 'window' && enough) this.#fire()
    return this.#time
  }

  trigger(now: number): void {
    this.#time = Math.max(now * 1_000, this.#time)
    this.#fire()
  }

  reset(now: number): void {
    this.#time = Math.max(now * 1_000, this.#time)
    for (const event of this.events) event.used = true
  }

  /** Unused events of the observation period that ends at the newest step, or at `now`. */
  pending(eventKey: string, now = 0): ModelEvent[] {
    const since = Math.max(this.#time, now * 1_000) - this.#config.trigger.observationPeriod * 1_000_000
    return this.events.filter((event) => event.eventKey === eventKey && !event.used && event.date >= since)
  }

  #fire(): void {
    const { serviceName, trigger, endpoints } = this.#config
    const ids: string[] = []
    const events: Record<string, SyncMessage['events'][string]> = {}
    const all: ModelEvent[] = []
    for (const { eventKey, eventToSend, minNbOfOccurrence } of endpoints) {
      const pending = this.pending(eventKey)
      all.push(...pending)
      const selected = pending.filter((_, index) => {
        const isFirst = index === 0 && (eventToSend === 'FIRST' || eventToSend === 'BOUNDARIES')
        const isLast = index === pending.length - 1 && (eventToSend === 'LAST' || eventToSend === 'BOUNDARIES')
        return eventToSend === 'ALL' || isFirst || isLast
      })
      ids.push(...selected.map(({ id }) => id))
      const facts = { numberOfEvents: pending.length, minNbOfOccurrence, eventToSend }
      events[eventKey] =
        pending.length === 0
          ? facts
          : {
              firstEventDate: formatDate(pending[0]!.date),
              lastEventDate: formatDate(pending.at(-1)!.date),
              ...facts,
              events: selected.map(({ date, content }) => {
                const { headers, queryParams, httpMethod } = request(eventKey, content)
                return { datetime: formatDate(date), eventKey, headers, queryParams, content, httpMethod }
              }),
            }
    }
    const date = formatMessageDate(this.#time)
    this.messages.push({ eventID: messageId(ids), date, serviceName, triggerType: trigger.type, events })
    if (!trigger.keepEventAfterTrigger) for (const event of all) event.used = true
  }
}
