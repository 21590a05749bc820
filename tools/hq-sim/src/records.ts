/** One request as it came, whatever was answered. */
export interface RequestRecord {
  /** What the answer's `X-Request-Id` says. */
  readonly id: string
  readonly method: string
  /** Path and query string. */
  readonly path: string
  /** Lower-case names; `authorization` is kept. */
  readonly headers: Readonly<Record<string, string>>
  /** Parsed JSON; the text of a log that was uploaded; undefined without a body. */
  readonly body: unknown
  readonly startedAt: Date
  /** Status of the answer; undefined while there is none, and for a connection that was reset. */
  readonly status: number | undefined
  /** When the answer was complete. */
  readonly endedAt: Date | undefined
  /** Bytes of the answer's body as sent; 0 until it is complete. */
  readonly answerBytes: number
}

/** One start of a session. */
export interface SessionRecord {
  readonly id: string
  readonly startedAt: Date
  /** The request's JSON body: `version`, `hostname`, `osinfo`, `driver`, `serverId`, … */
  readonly body: Readonly<Record<string, unknown>>
  /** Text of the `.creds` file that was handed out. */
  readonly credential: string
  /** Undefined while it runs. */
  readonly end: { readonly time: Date; readonly errored: boolean } | undefined
  readonly uploads: readonly UploadRecord[]
}

/** A log that was uploaded. */
export interface UploadRecord {
  readonly sessionId: string
  /** `log`: asked for while running; `end` and `error`: the `url` and `errorUrl` of a session's end. */
  readonly kind: UploadKind
  /** Path of the upload's URL, as `sendlogs-response` names it. */
  readonly path: string
  readonly contentType: string
  /** After gunzip. */
  readonly text: string
  readonly time: Date
}

export type UploadKind = 'log' | 'end' | 'error'

/** A message that a server published under `eds.client.<sessionId>.>`. */
export interface AnswerRecord {
  readonly sessionId: string
  /** What follows the session id: `ping-response`, `import-status`, `heartbeat`, … */
  readonly name: string
  readonly subject: string
  /** As spelled by the sender: `Nats-Msg-Id`, `content-encoding`. */
  readonly headers: Readonly<Record<string, string>>
  /** Decoded by `content-encoding` (`msgpack`, `gzip/json` or none: JSON); the text itself when it is neither. */
  readonly data: unknown
  readonly time: Date
}

/** A bulk export that was asked for. */
export interface ExportJobRecord {
  readonly id: string
  /** The request's JSON body: `timeOffset`, `companyIds`, `locationIds`, `tables`. */
  readonly body: Readonly<Record<string, unknown>>
  /** How often it was polled. */
  readonly polls: number
}
