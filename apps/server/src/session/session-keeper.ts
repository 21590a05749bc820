import type { Clock, Logger } from '@eds/core'
import { type HeartbeatState, type NotificationHandlers, type SessionDriver, sendHeartbeats } from '@eds/hq'
import { usageError } from '../exit-codes.js'
import { errorLine } from '../failure.js'
import type { Session, SessionDesk } from './session-desk.js'

export interface SessionKeeperParts {
  readonly desk: Pick<SessionDesk, 'open' | 'end' | 'sendLog'>
  readonly clock: Clock
  readonly logger: Logger
  readonly renewIntervalMs: number
  readonly heartbeat: () => HeartbeatState
  /** What happens when HQ asks. */
  readonly handlers: () => NotificationHandlers
  /** It is time for another session. */
  readonly onDue: (held: HeldSession) => void
  /** The line to HQ is gone for good. */
  readonly onLost: (held: HeldSession, reason: string) => void
}

/** A session with what goes on beside it: heartbeats, the hourly log, the watch for its end. */
export interface HeldSession {
  readonly session: Session
  readonly over: AbortController
}

const logIntervalMs = 60 * 60_000
/** What a timer of Node.js can be set to. */
const longestTimerMs = 2 ** 31 - 1

/** Keeps the session that is current. Another one may be opened before it is left. */
export class SessionKeeper {
  readonly #parts: SessionKeeperParts
  #current: HeldSession | undefined

  constructor(parts: SessionKeeperParts) {
    this.#parts = parts
  }

  get current(): HeldSession | undefined {
    return this.#current
  }

  /** Opens a session, as {@link SessionDesk.open} does, and makes it the current one. The former one stays open. */
  async open(driver: SessionDriver | undefined, signal: AbortSignal): Promise<void> {
    const { desk, handlers } = this.#parts
    const held = { session: await desk.open(driver, handlers(), signal), over: new AbortController() }
    this.#current = held
    this.#accompany(held)
  }

  /** Tells HQ that the current session ends. Resolves to whether HQ has heard of it. */
  async end(errored: boolean, signal: AbortSignal): Promise<boolean> {
    return this.#current !== undefined && this.#parts.desk.end(this.#current.session, errored, signal)
  }

  /** Closes the line of a session and removes its credentials. */
  async leave(held: HeldSession | undefined): Promise<void> {
    if (held === undefined) return
    if (this.#current === held) this.#current = undefined
    held.over.abort()
    await held.session.close()
  }

  /** Asks again later whether the current session should not be replaced. */
  postpone(ms: number): void {
    if (this.#current) void this.#callWhenDue(this.#current, ms)
  }

  /**
   * Uploads the log because HQ asked for it. Resolves to where HQ finds it.
   *
   * @throws CommandFailure or EdsError when it cannot
   */
  async sendLogAsAsked(): Promise<string> {
    if (!this.#current) throw usageError('there is no session with HQ', 'try again later')
    const { session, over } = this.#current
    return this.#parts.desk.sendLog(session, over.signal, true)
  }

  /** Uploads the log unasked. What fails is logged. */
  async sendLog(): Promise<void> {
    const { desk, logger } = this.#parts
    if (!this.#current) return
    const { session, over } = this.#current
    await desk
      .sendLog(session, over.signal, false)
      .catch((error: unknown) => logger.warn({}, `the log was not uploaded: ${errorLine(error)}`))
  }

  #accompany(held: HeldSession): void {
    const { clock, logger, renewIntervalMs, heartbeat: read, onLost } = this.#parts
    const { session, over } = held
    void sendHeartbeats({ channel: session.channel, clock, logger, read, signal: over.signal })
    void this.#sendLogs(over.signal)
    void this.#callWhenDue(held, renewIntervalMs)
    void session.channel.closed.then((error) => {
      if (error && !over.signal.aborted) onLost(held, errorLine(error))
    })
  }

  async #callWhenDue(held: HeldSession, ms: number): Promise<void> {
    const { signal } = held.over
    await this.#parts.clock.sleep(Math.min(ms, longestTimerMs), signal)
    if (!signal.aborted) this.#parts.onDue(held)
  }

  async #sendLogs(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts
    for (await clock.sleep(logIntervalMs, signal); !signal.aborted; await clock.sleep(logIntervalMs, signal)) {
      await this.sendLog()
    }
  }
}
