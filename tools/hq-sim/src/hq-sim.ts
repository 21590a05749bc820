import type { ExportSettings } from './export-settings.js'
import type { Fault, RouteName } from './faults.js'
import type { AnswerRecord, ExportJobRecord, RequestRecord, SessionRecord, UploadRecord } from './records.js'

/** What the simulator is to be. */
export interface HqSimOptions {
  /**
   * `jwt` (default): NATS lets a session do exactly what HQ's accounts allow. `none`: NATS asks for nothing; sessions get
   * the same credentials, which nobody checks.
   */
  readonly auth?: 'jwt' | 'none'
  /** Ids of the companies that sessions may read; default `shopCompanies(3)`. */
  readonly companies?: readonly string[]
  /** Default: a random UUID. */
  readonly serverId?: string
  /** How long a session's NATS credentials are valid, in milliseconds, to the second; default 25 hours. */
  readonly credentialLifetimeMs?: number
  /** How many consumers the stream `dbchange` allows; default: any number. */
  readonly maxConsumers?: number
  /** Loopback port of the HTTP API; default: a free one. */
  readonly port?: number
  /** All versions of all tables, oldest first; default: those of `@eds/shop`. */
  readonly schemas?: readonly SimSchema[]
}

/** A table's schema in the API's form; only the names are looked at. */
export interface SimSchema {
  readonly table: string
  readonly modelVersion: string
}

/** An event with the subject it goes to, such as those of `shopEvents`. */
export interface SubjectAndBytes {
  readonly subject: string
  readonly bytes: Uint8Array
}

/** An event by its fields: the subject is made of `table`, `operation`, `companyId` and `locationId` (`NONE` without). */
export interface SimEvent {
  readonly table: string
  readonly operation: string
  readonly companyId?: string
  readonly locationId?: string
}

/** Where a notification goes and how it is written. */
export interface NotifyOptions {
  /** Default: the newest session. */
  readonly session?: string
  /** The `content-encoding` of the message; default none, which is JSON. */
  readonly encoding?: 'gzip/json' | 'msgpack'
}

/**
 * An HQ of the test's own: its HTTP API on a loopback port, and a NATS server with the stream `dbchange`. All lists grow as
 * things happen and may be read at any time. Methods that use NATS reject while NATS is stopped for long.
 */
export interface HqSim {
  /** Base URL of the HTTP API, without a slash at the end; also the `iss` of {@link apiKey}. */
  readonly url: string
  readonly natsUrl: string
  readonly serverId: string
  readonly apiKey: string
  /** Ids of the companies that sessions may read. */
  readonly companies: readonly string[]

  /** Every request to the HTTP API. */
  readonly requests: readonly RequestRecord[]
  /** Every session that was started, oldest first. */
  readonly sessions: readonly SessionRecord[]
  /** Every uploaded log, of all sessions. */
  readonly uploads: readonly UploadRecord[]
  /** Everything published under `eds.client.<sessionId>.>`, heartbeats too. */
  readonly answers: readonly AnswerRecord[]
  /** The {@link answers} named `heartbeat`. */
  readonly heartbeats: readonly AnswerRecord[]
  readonly exportJobs: readonly ExportJobRecord[]
  /** Every secret handed out so far: API key, creds, seeds, JWTs, tokens of upload and download URLs. */
  secrets(): readonly string[]

  /** A code for `eds enroll`; valid once. Begins with `L`, the letter of localhost. */
  newEnrollmentCode(): string
  /** Publishes `{action, data?}` to `eds.notify.<sessionId>.<action>`; resolves when NATS has it. */
  notify(action: string, data?: unknown, options?: NotifyOptions): Promise<void>
  /** Publishes bytes as they are, for what a server must survive. */
  notifyBytes(action: string, bytes: Uint8Array, options?: { readonly session?: string }): Promise<void>
  /** Like {@link notify}, and resolves to the parsed reply (`configure`, `driverconfig`, `validate`). Default timeout 10 s. */
  request(action: string, data?: unknown, options?: NotifyOptions & { readonly timeoutMs?: number }): Promise<unknown>
  /** Sends `ping` and resolves when `pong` came to the subject that it named. Default timeout 10 s. */
  ping(options?: { readonly session?: string; readonly timeoutMs?: number }): Promise<void>
  /**
   * Resolves to the first thing other than `undefined` and `false` that `find` returns; it is called now and whenever
   * something happens. Rejects after `timeoutMs` (default 30 s), telling what was seen instead.
   */
  waitFor<Found>(what: string, find: () => Found | undefined | false, timeoutMs?: number): Promise<Found>

  /** Publishes one event and resolves when the stream has stored it. */
  publishEvent(event: SubjectAndBytes | SimEvent): Promise<void>
  /** Publishes many in order; resolves to how many, when the stream has stored all. */
  publishEvents(events: Iterable<SubjectAndBytes | SimEvent>): Promise<number>
  /** Replaces the schemas: all versions of all tables, oldest first; a table's last one is its latest. */
  setSchemas(schemas: readonly SimSchema[]): void
  /** What export jobs hold from now on; jobs that were started keep theirs. */
  setExport(settings: ExportSettings): Promise<void>

  /** Lets the next `times` (default 1) requests of a route fail; several faults of a route come in the order given. */
  failNext(route: RouteName, fault: Fault, times?: number): void
  /** The next `times` (default 1) session starts are refused with 409: already running. */
  conflictNext(times?: number): void
  /** Closes the HTTP port and all its connections; idempotent. */
  down(): Promise<void>
  /** Opens it again, on the same port; idempotent. */
  up(): Promise<void>
  /** Stops NATS; what the stream holds stays. */
  stopNats(): Promise<void>
  /** Starts it again on the same port; resolves when the simulator is connected to it. */
  startNats(): Promise<void>
  restartNats(): Promise<void>
  /** Stops everything and removes its files. Idempotent. */
  close(): Promise<void>
}
