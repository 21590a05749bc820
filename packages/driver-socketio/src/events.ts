/** A change, as sockets receive it. */
export interface ChangeMessage<Data = unknown> {
  /** UUID of the change: the same when it is delivered again. */
  readonly id: string
  readonly table: string
  readonly type: 'insert' | 'update' | 'delete'
  /** The row without filtered columns; on `delete` the old row. */
  readonly data: Data
  /** Where it comes from: a database, a name that the publisher gave, or `socketio`. */
  readonly source: string
  readonly source_type: 'database' | 'api' | 'socketio'
  /** Epoch milliseconds. */
  readonly timestamp: number
  readonly version: number
}

/** Sent once, when the server has accepted the token. */
export interface ConnectedMessage {
  readonly sessionId: string
  readonly userId: string | number
  readonly code: 200
  readonly message: string
}

/**
 * 400: an invalid `event`; 401: a refused token, or one that has expired; 403: republishing is off; 503: the token could not be looked
 * up, the client tries again by itself.
 */
export interface ErrorMessage {
  readonly code: 400 | 401 | 403 | 503
  readonly message: string
}

/** What a client sends as `event` where republishing is on. It goes to the sender's own user. */
export interface RepublishMessage {
  readonly data: unknown
  readonly type: 'insert' | 'update' | 'delete'
  readonly table: string
  /** Epoch milliseconds; absent: now. */
  readonly timestamp?: number
  /** Absent: 1. */
  readonly version?: number
}

/**
 * The events that a server emits, for `Socket<EdsServerEvents, EdsClientEvents>` of socket.io-client. Name the tables with their rows:
 * `EdsServerEvents<{ orders: Order }>`. `offset` serves the client library, for replay after a reconnection.
 */
export type EdsServerEvents<Tables extends Record<string, unknown> = Record<never, never>> = {
  connected: (message: ConnectedMessage, offset?: string) => void
  error: (message: ErrorMessage) => void
  changes: (message: ChangeMessage, offset?: string) => void
} & { [Table in keyof Tables]: (message: ChangeMessage<Tables[Table]>) => void }

/** The events that a client may emit. */
export interface EdsClientEvents {
  event: (message: RepublishMessage) => void
}
