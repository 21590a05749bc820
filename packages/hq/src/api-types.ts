import type { Clock, Logger } from '@eds/core'

/** How to reach HQ. Time, chance and transport come from outside, so that tests need neither sleep nor network. */
export interface HqApiOptions {
  /** `https://host`; overrides what the API key or the enrollment code says. */
  readonly apiUrl?: string
  /** A JWT whose `iss` claim is HQ's address. Needed for everything but {@link HqApi.enroll} and the transfers. */
  readonly apiKey?: string
  /** This program's version, for the `User-Agent`. */
  readonly version: string
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random?: () => number
  readonly fetch?: typeof globalThis.fetch
  /** Hears once of each try that will be repeated. */
  readonly logger?: Logger
  /** Tries are repeated until this much time has gone, milliseconds. Default 30,000. */
  readonly retryForMs?: number
  /** Longest wait for an answer, milliseconds; transfers of logs may take ten times as long. Default 30,000. */
  readonly timeoutMs?: number
}

/** What an enrollment code is worth. */
export interface Enrollment {
  /** The API key. */
  readonly token: string
  readonly serverId: string
}

/** The destination, as HQ shows it. */
export interface SessionDriver {
  readonly id: string
  readonly name: string
  readonly description: string
  /** The destination's URL; it is masked again before it is sent. */
  readonly url: string
}

/** A server that starts. {@link SystemInfo} has all but the first and the last two. */
export interface SessionInfo extends SystemInfo {
  readonly version: string
  readonly serverId: string
  /** Absent until a destination is configured. */
  readonly driver?: SessionDriver
}

/** What HQ wants to know of the machine. */
export interface SystemInfo {
  readonly hostname: string
  readonly ipAddress: string
  /** A hash: the same for this program on this machine, and meaningless elsewhere. */
  readonly machineId: string
  readonly osinfo: OsInfo
}

/** Names as HQ knows them. */
export interface OsInfo {
  readonly host: HostInfo
  readonly num_cpu: number
  /** `node v20.20.2` */
  readonly go_version: string
}

/** The host's facts under the names of HQ. Times in seconds. */
export interface HostInfo {
  readonly hostname: string
  readonly uptime: number
  readonly bootTime: number
  /** `linux`, `darwin`, `windows`, `freebsd` */
  readonly os: string
  /** The distribution: `debian` */
  readonly platform: string
  readonly platformFamily: string
  readonly platformVersion: string
  readonly kernelVersion: string
  /** `x86_64`, `aarch64` */
  readonly kernelArch: string
  /** The hashed machine id. */
  readonly hostId: string
}

/** `running`: HQ believes that this server runs already (409); wait five seconds and try again. */
export type SessionStart =
  | {
      readonly outcome: 'started'
      readonly sessionId: string
      /** The text of a NATS `.creds` file; absent where NATS wants none. */
      readonly credentials?: string
    }
  | { readonly outcome: 'running'; readonly message: string }

/** Where logs go when a session ends. Each is a presigned URL: a secret. */
export interface SessionEnd {
  readonly url?: string
  /** For the log of a crash. */
  readonly errorUrl?: string
}

/** What to export; without `tables` all, without the ids everything the key may see. */
export interface ExportRequest {
  /** Only rows changed since, epoch milliseconds. */
  readonly timeOffset?: number
  readonly companyIds?: readonly string[]
  readonly locationIds?: readonly string[]
  readonly tables?: readonly string[]
}

export interface TableExport {
  readonly status: 'Pending' | 'Completed' | 'Failed'
  readonly error?: string
  /** Presigned URLs of gzipped JSON lines: secrets. */
  readonly urls: readonly string[]
  /** The export holds what was there at this time, nanoseconds since the epoch; empty while pending. */
  readonly cursor: string
}

export interface ExportStatus {
  readonly completed: boolean
  readonly tables: Readonly<Record<string, TableExport>>
}

/** A file that is coming. */
export interface Download {
  /** Length in bytes when the server said so. */
  readonly size?: number
  /** Can be read once. Rejects with `EdsError('connection')` when the transfer breaks. Not unpacked, unless the server names a `content-encoding`. */
  readonly body: AsyncIterable<Uint8Array>
}

/**
 * HQ's HTTP API. May be used concurrently.
 *
 * Each method rejects with an `EdsError` whose message names the request and HQ's request id and never holds a secret:
 * `authentication` on 401 and 403, `configuration` on other refusals (400, 404, …), `throttled` on 429, `connection` when HQ cannot be
 * reached or cannot serve, `timeout` when it does not answer, `unknown` when the answer makes no sense. Before that, 408, 429, 502, 503,
 * 504, refused and reset connections are tried again for up to 30 seconds, with jitter, heeding `Retry-After`.
 */
export interface HqApi {
  /** Redeems an enrollment code, once. Without `apiUrl` its first letter says which HQ: P, S, E or L. */
  enroll(code: string, signal?: AbortSignal): Promise<Enrollment>
  startSession(info: SessionInfo, signal?: AbortSignal): Promise<SessionStart>
  endSession(sessionId: string, end: { readonly errored: boolean }, signal?: AbortSignal): Promise<SessionEnd>
  /** Where to upload a log now: a presigned URL. */
  logUpload(sessionId: string, signal?: AbortSignal): Promise<string>
  /** Uploads a gzipped log. A `Blob` may stand for a file (`openAsBlob`); both can be sent again. */
  uploadLog(url: string, body: Uint8Array | Blob, signal?: AbortSignal): Promise<void>
  /** Begins an export and gives the job's id. */
  exportBulk(request: ExportRequest, signal?: AbortSignal): Promise<string>
  /** Ask every five seconds. */
  exportStatus(jobId: string, signal?: AbortSignal): Promise<ExportStatus>
  /** The older API: exports and gives the file's name. */
  olderExport(tables: readonly string[], signal?: AbortSignal): Promise<string>
  /** The older API: the presigned URL of an exported file. */
  presignedUrl(fileName: string, signal?: AbortSignal): Promise<string>
  /** Begins to download from a presigned URL. The signal ends the transfer too. */
  download(url: string, signal?: AbortSignal): Promise<Download>
}
