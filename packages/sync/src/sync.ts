import type { Clock, Logger } from '@eds/core'
import type { SyncConfig } from './config.js'
import type { SyncRequest } from './event.js'
import type { SyncMessage } from './message.js'
import type { SyncStatus } from './status.js'
import type { SyncStorage } from './storage.js'

export interface SyncOptions {
  /** Of `parseSyncConfig`. */
  readonly config: SyncConfig
  readonly storage: SyncStorage
  /**
   * Publishes a message; resolves when it is safe at its destination. When it rejects, the same message comes again after a while, for
   * ever, unless with an `EdsError` of code `record`: that message is put aside. Several calls may be open at a time.
   */
  readonly send: (message: SyncMessage, signal: AbortSignal, firing: string) => Promise<void>
  /** Default: the system's. */
  readonly clock?: Clock
  /** Uniform in [0, 1). Default: `Math.random`. */
  readonly random?: () => number
  /** Default: silent. */
  readonly logger?: Logger
  /** Spell the first date `FirstEventDate`, as older versions of EventSync do. Default: false. */
  readonly legacyDates?: boolean
  /** Larger messages are put aside, bytes of JSON in UTF-8. Default: 10,000,000, the limit of Pub/Sub. */
  readonly maxMessageBytes?: number
}

/** An event that is stored and has been evaluated. */
export interface Receipt {
  readonly id: string
  /** When it was received, epoch microseconds. */
  readonly date: number
  /** Name of the firing that it set off, if it did. */
  readonly fired?: string
}

/** A running synchronisation. Everything may be called concurrently. */
export interface Sync {
  readonly config: SyncConfig
  /**
   * Stores a request and evaluates the windows, in one atomic step. Resolves when that is durable; the message, if one is due, goes out
   * afterwards.
   *
   * @throws EdsError `record` for an unknown key, a method that the endpoint does not take, or an event that the storage can never hold;
   *   what the storage throws when it fails: the event may be stored or not.
   */
  receive(request: SyncRequest): Promise<Receipt>
  /** Fires with whatever is in the observation period, even nothing. Resolves with the firing's name when it is durable. */
  trigger(): Promise<string>
  /** Marks all pending events as used. Resolves when that is durable. */
  reset(): Promise<void>
  status(): Promise<SyncStatus>
  /** Makes a message that was put aside due again, for instance after the limit was raised. False when there is none of that name. */
  resend(name: string): Promise<boolean>
  /** Forgets a message that was put aside, and its events. False when there is none of that name. */
  discard(name: string): Promise<boolean>
  /** Takes nothing more, lets what is under way finish (at most five seconds) and closes the storage. Idempotent. */
  close(): Promise<void>
}
