import type { EventPlace, EventRange, SyncEvent, SyncRequest } from './event.js'

/** The head entry: the whole state but for events and firings, as text. */
export interface StoredHead {
  /** Absent in a new store. */
  readonly text: string | undefined
  /** Names this version of the head; what it looks like is the storage's own affair. */
  readonly revision: string
}

export interface PlacedEvent {
  readonly place: EventPlace
  readonly event: SyncEvent
}

export interface PlacedFiring {
  /** `[0-9a-z]+-[0-9]+` */
  readonly name: string
  readonly text: string
}

/**
 * One atomic step: what was received, the firings that came of it, and the new head. Nothing of it can be seen before all of it is
 * durable; readers look only at places that a head names.
 */
export interface StorageChange {
  /** The step was computed from the head of this revision, and holds only while that is the newest. */
  readonly expected: string
  readonly head: string
  /** To be stored at their places; there may be something from an earlier attempt. */
  readonly events: readonly PlacedEvent[]
  readonly firings: readonly PlacedFiring[]
  /**
   * Places whose events this step uses: they were fired, reset or expired and never count again. Only of interest to storages that keep
   * such a mark with each event; to the engine the head says it. Never overlaps {@link removed}; may name events of this same step.
   */
  readonly used: readonly EventRange[]
  /** Nothing refers to these any more, since the step before: remove them sooner or later, in any order, in this step or outside. */
  readonly removed: { readonly events: readonly EventPlace[]; readonly firings: readonly string[] }
  /** Ids of {@link SyncStorage.adopt} that this step stores as events of its own: mark the originals as used in the same step. */
  readonly adopted: readonly string[]
}

/**
 * Where a synchronisation keeps its events: one head that is changed by compare-and-set, and bodies apart from it. All methods reject
 * with `EdsError`. One call of `commit` at a time comes from one engine; reads may come at any time.
 */
export interface SyncStorage {
  /** For people and logs, without secrets. */
  readonly description: string
  /** True when other processes may have the same store open. */
  readonly shared: boolean
  /**
   * Refuses a request that can never be stored, before it fails together with others that go into the same step.
   *
   * @throws EdsError `record`
   */
  check?(request: SyncRequest): void
  load(): Promise<StoredHead>
  /**
   * Resolves with the new revision when all of the step is durable, with `undefined` when the head is no longer the expected one and
   * therefore nothing counts. Rejecting means that the outcome is unknown.
   */
  commit(change: StorageChange): Promise<string | undefined>
  /** The events at these places, in this order; `undefined` where nothing lies. */
  readEvents(places: readonly EventPlace[]): Promise<readonly (SyncEvent | undefined)[]>
  readFiring(name: string): Promise<string | undefined>
  /**
   * Pending events that another program left in the store, oldest first, with their own ids and dates, received since `since` (epoch
   * microseconds); when there are many, only the oldest of them. The engine asks when it opens, stores them under ids of its own, and asks
   * again until none is left.
   */
  adopt?(eventKeys: readonly string[], since: number): Promise<readonly SyncEvent[]>
  /** Idempotent; does not throw. */
  close(): Promise<void>
}
