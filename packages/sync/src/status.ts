/** What an operator asks. Dates in RFC 3339. Counts are of the store's whole life, and of all instances on it. */
export interface SyncStatus {
  readonly serviceName: string
  /** Where the events are. */
  readonly storage: string
  /** Events stored so far, and what became of those that no message took. */
  readonly eventsStored: number
  readonly eventsExpired: number
  readonly eventsReset: number
  readonly endpoints: readonly EndpointStatus[]
  /** Events still missing for the next message, by `eventKey`; empty when only a request triggers. */
  readonly missing: Readonly<Record<string, number>>
  readonly windowsFired: number
  readonly messagesSent: number
  /** When the last window fired. */
  readonly lastFire?: string
  /** Windows that fired and whose message is not confirmed yet. */
  readonly due: DueStatus
  /** Messages that can never be sent as they are. Their events are kept, and do not count for other messages. */
  readonly refused: readonly RefusedStatus[]
}

export interface EndpointStatus {
  readonly eventKey: string
  /** Unused events in the observation period. */
  readonly pending: number
  readonly minNbOfOccurrence: number
}

export interface DueStatus {
  readonly count: number
  /** Why the last attempt of this instance failed; absent after a success. */
  readonly lastError?: {
    readonly message: string
    /** What to do about it. */
    readonly fix?: string
    readonly date: string
    readonly attempts: number
  }
}

export interface RefusedStatus {
  /** For `resend` and `discard`. */
  readonly name: string
  /** When the window fired. */
  readonly date: string
  /** Names the size and the endpoints. */
  readonly error: string
}
