import type { EdsError, Logger } from '@eds/core'
import type { FormAnswer, HqDrivers } from './driver-forms.js'

/** What a handler is given besides the notification's data. */
export interface NotificationContext {
  /** Publishes progress to `eds.client.<sessionId>.<action>-status`. */
  report(message: string): void
  /** Aborts when the channel closes. */
  readonly signal: AbortSignal
}

/** Resolves when it is done, with a message for HQ or without; rejects when it failed, and HQ gets the reason, masked. */
export type Done = Promise<string | undefined>

/**
 * What to do when HQ asks. `restart`, `upgrade`, `configure` and `import` never overlap and keep their order; so do `pause` and
 * `unpause` among themselves, and `sendlogs`. The others start at once, whatever else is running.
 */
export interface NotificationHandlers {
  restart(context: NotificationContext): Done
  /** Must not wait for work in progress. `deleted`: forget the server id. */
  shutdown(data: { readonly message: string; readonly deleted: boolean }, context: NotificationContext): Done
  pause(context: NotificationContext): Done
  unpause(context: NotificationContext): Done
  upgrade(data: { readonly version: string }, context: NotificationContext): Done
  /** Uploads the log; gives its path for HQ. */
  sendlogs(context: NotificationContext): Promise<string>
  /** Tests and saves the destination; gives its URL masked. */
  configure(
    data: { readonly url: string; readonly backfill: boolean },
    context: NotificationContext,
  ): Promise<{ readonly maskedUrl: string; readonly message?: string }>
  import(data: { readonly backfill: boolean }, context: NotificationContext): Done
  driverconfig(context: NotificationContext): Promise<HqDrivers>
  validate(
    data: { readonly driver: string; readonly config: Readonly<Record<string, unknown>> },
    context: NotificationContext,
  ): Promise<FormAnswer>
}

export interface ChannelOptions {
  /** `nats://host:4222`; several as a list or separated by commas. */
  readonly servers: string | readonly string[]
  /** The text of a `.creds` file. */
  readonly credentials?: string
  readonly sessionId: string
  readonly handlers: NotificationHandlers
  readonly logger: Logger
  /** Applied to every text that an error brings into an answer. Default `maskText`. */
  readonly mask?: (text: string) => string
  /** Gives the `Nats-Msg-Id` of each message. Default: random UUIDs. */
  readonly newId?: () => string
  /** For connecting, milliseconds. Default 5,000. */
  readonly timeoutMs?: number
}

/** A session's line to HQ. */
export interface Channel {
  readonly sessionId: string
  /**
   * Publishes to `eds.client.<sessionId>.<name>` as msgpack, for instance `sendlogs-response`. Kept while the connection is away;
   * dropped when it is closed.
   */
  send(name: string, fields: Readonly<Record<string, unknown>>): void
  /** Says unasked that a log was uploaded. */
  announceLogs(path: string): void
  /** Resolves once: to the reason when the connection is gone for good, to `undefined` after {@link close}. */
  readonly closed: Promise<EdsError | undefined>
  /** Sends what is left, aborts the handlers' signal, and disconnects. Does not wait for handlers. Idempotent, bounded, does not throw. */
  close(): Promise<void>
}
