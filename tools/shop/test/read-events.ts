import { type ShopEvent, type ShopOptions, shopEvents } from '../src/index.js'

/** An event's JSON as the plain parser gives it. */
export interface ParsedEvent {
  readonly operation: string
  readonly id: string
  readonly table: string
  readonly key: string[]
  readonly modelVersion: string
  readonly companyId: string
  readonly locationId?: string
  readonly before?: Record<string, unknown>
  readonly after?: Record<string, unknown>
  readonly diff?: string[]
  readonly timestamp: number
  readonly mvccTimestamp: string
}

export function parsed(event: ShopEvent): ParsedEvent {
  return JSON.parse(event.bytes.toString()) as ParsedEvent
}

export function eventList(options: Partial<ShopOptions> = {}): ShopEvent[] {
  return [...shopEvents({ seed: 1, events: 2_000, ...options })]
}
