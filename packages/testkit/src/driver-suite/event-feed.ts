import { type ChangeEvent, decodeEvent, type Operation, padSequence, type Row, stringifyJson } from '@eds/core'

/** What a case says about an event; the feed adds the rest. */
export interface EventDraft {
  readonly operation: Operation
  readonly table: string
  readonly key: readonly string[]
  readonly modelVersion: string
  readonly before?: Row
  readonly after?: Row
  readonly diff?: readonly string[]
  readonly imported?: true
}

const firstTimestamp = Date.UTC(2024, 6, 11, 17, 56, 51)
/** Less than a second, so that destinations which name things by the second see both the same and different ones. */
const stepMs = 400

/**
 * Makes events as they come from a real source: JSON text first, decoded by the pipeline's own decoder, positions rising. Holds
 * fields that no driver knows, because real messages do.
 */
export class EventFeed {
  #sequence = 0

  make(draft: EventDraft): ChangeEvent {
    const sequence = ++this.#sequence
    const timestamp = firstTimestamp + sequence * stepMs
    const text = stringifyJson({
      ...draft,
      id: `change-${sequence}`,
      companyId: 'company-1',
      locationId: 'location-1',
      userId: 'user-1',
      timestamp,
      mvccTimestamp: `${timestamp}000000.0000000000`,
      region: 'gcp-us-west1',
      sessionId: null,
    })
    return decodeEvent({ position: padSequence(sequence), bytes: Buffer.from(text ?? ''), time: timestamp })
  }
}
