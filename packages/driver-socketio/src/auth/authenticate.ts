/** A user whom a token belongs to. */
export interface AuthenticatedUser {
  /** Compared, as text, with the values of routed columns. */
  readonly userId: string | number
  /** Epoch milliseconds at which the socket is closed with `error` 401; absent: never. */
  readonly expiresAt?: number
}

/**
 * Says whom a token belongs to; `undefined`: nobody, the socket is refused. A rejection means that it could not be found out: the client
 * is told 503 and tries again. Called once per connection and reconnection, concurrently. The token must not be logged.
 */
export type Authenticate = (token: string, signal: AbortSignal) => Promise<AuthenticatedUser | undefined>

/** Where tokens are looked up. */
export interface Authenticator {
  /** Finds out whether tokens can be looked up at all. Rejects with `EdsError`. */
  check(signal: AbortSignal): Promise<void>
  readonly authenticate: Authenticate
  close(): Promise<void>
}
