import { type Clock, withSignals } from '@eds/core'
import { type HeartbeatState, type NotificationHandlers, type SessionDriver, sendHeartbeats } from '@eds/hq'
import { exitCodes, usageError } from '../exit-codes.js'
import { errorLine } from '../failure.js'
import type { ProgramLogger } from '../logging/create-logger.js'
import type { Session, SessionDesk } from '../session/session-desk.js'
import type { NamedUrl } from '../settings/sink-name.js'
import type { WorkerOrder } from '../worker/messages.js'
import { afterExit, exitCodeAfter } from './after-exit.js'
import { CrashCount } from './crash-count.js'
import { Life, type Outcome } from './life.js'
import { Turns } from './turns.js'
import type { WaitingRoom } from './waiting-room.js'
import type { WorkerDesk } from './worker-desk.js'
import type { WorkerEnd } from './worker-process.js'

export interface SupervisorParts {
  readonly sessions: SessionDesk
  readonly workers: WorkerDesk
  readonly room: WaitingRoom
  readonly clock: Clock
  readonly logger: ProgramLogger
  readonly renewIntervalMs: number
  readonly restartsWorker: boolean
  /** What a worker is told, `isFirst` being whether none has delivered yet. */
  readonly order: (urls: readonly NamedUrl[], session: Session, isFirst: boolean) => Omit<WorkerOrder, 'isPaused'>
  /** The destination, for HQ. */
  readonly describe: (url: NamedUrl) => Promise<SessionDriver>
  readonly import: (url: string, backfill: boolean, signal: AbortSignal) => Promise<void>
  readonly heartbeat: () => HeartbeatState
  /** It works: there is a session, and what can be delivered is. */
  readonly onStarted: () => void
}

interface Current {
  readonly session: Session
  readonly over: AbortController
}

const natsLostMs = 5_000
const postponedMs = 60_000
const logIntervalMs = 60 * 60_000
/** How long HQ may take to hear that the server stops. */
const goodbyeMs = 10_000
/** How long HQ may take to hear of a failure, while nothing is delivered. */
const reportMs = 5_000
/** What a timer of Node.js can be set to. */
const longestTimerMs = 2 ** 31 - 1

/** Keeps a session with HQ, and a worker that delivers with what the session brings. */
export class Supervisor {
  readonly #parts: SupervisorParts
  readonly #turns = new Turns()
  readonly #crashes = new CrashCount()
  /** What HQ, or the user, wants to be delivered to. */
  #configured: readonly NamedUrl[]
  /** What is delivered to; absent until an import has prepared it. */
  #delivered: readonly NamedUrl[] | undefined
  #hasDelivered = false
  #life = new Life()
  #current: Current | undefined
  #handlers: NotificationHandlers | undefined

  constructor(parts: SupervisorParts, urls: readonly NamedUrl[]) {
    this.#parts = parts
    this.#configured = urls
    this.#delivered = urls.length === 0 ? undefined : urls
  }

  get isStopping(): boolean {
    return this.#life.signal.aborted
  }

  /** Ends what {@link run} has begun; see there. */
  end(outcome: Partial<Outcome> = {}): void {
    this.#life.end(outcome)
  }

  /**
   * Works until it is told to end, or has to. Then the batch in flight is finished, the session is over, and the port is free.
   * May be called again after that.
   *
   * @throws CommandFailure when HQ refuses this server, or the port cannot be had
   */
  async run(handlers: NotificationHandlers, signal: AbortSignal): Promise<Outcome> {
    this.#handlers = handlers
    const life = new Life()
    this.#life = life
    const stop = () => life.end()
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    await this.#turns.take(() => this.#begin()).catch((error: unknown) => life.end({ errored: true, error }))
    const outcome = await life.outcome
    signal.removeEventListener('abort', stop)
    await this.#turns.take(() => this.#goodbye(outcome))
    if (outcome.error !== undefined) throw outcome.error
    return outcome
  }

  /** Starts the worker anew, with the destination that is configured now. Rejects when it does not come up. */
  restart(): Promise<boolean> {
    return this.#turns.take(async () => {
      if (this.#delivered === undefined) return false
      this.#delivered = this.#configured
      await this.#parts.workers.stop()
      await this.#deliver()
      return true
    })
  }

  /** Loads the configured destination, or makes its tables only, and delivers to it from then on. */
  import(backfill: boolean): Promise<void> {
    return this.#turns.take(async () => {
      const [target] = this.#configured
      if (target === undefined) throw usageError('there is no destination to import into', 'configure one first')
      await this.#parts.workers.stop()
      try {
        await this.#parts.import(target.url, backfill, this.#life.signal)
        this.#delivered = this.#configured
      } catch (error) {
        void this.#sendLog()
        throw error
      } finally {
        await this.#tryToDeliver()
      }
    })
  }

  /** From the next import or restart on this is where changes go. */
  configure(url: string): void {
    this.#configured = [{ url }, ...this.#configured.slice(1)]
  }

  /** Uploads the log because HQ asked for it. */
  async sendLog(): Promise<string> {
    if (!this.#current) throw usageError('there is no session', 'try again later')
    return this.#parts.sessions.sendLog(this.#current.session, this.#life.signal, true)
  }

  async #begin(): Promise<void> {
    await this.#parts.room.open()
    await this.#openSession()
    await this.#tryToDeliver()
    this.#parts.onStarted()
  }

  async #goodbye({ errored }: Outcome): Promise<void> {
    await this.#parts.workers.stop()
    const current = this.#current
    this.#current = undefined
    if (current) {
      await this.#parts.sessions.end(current.session, errored, AbortSignal.timeout(goodbyeMs))
      await leave(current)
    }
    await this.#parts.room.close()
  }

  /** Opens a session and makes it the current one; the former one stays open. */
  async #openSession(): Promise<void> {
    const { sessions, describe } = this.#parts
    const [target] = this.#configured
    const driver = target && (await describe(target))
    if (!this.#handlers) return
    const session = await sessions.open(driver, this.#handlers, this.#life.signal)
    const current = { session, over: new AbortController() }
    this.#current = current
    void this.#accompany(current)
  }

  /** What goes on beside a session until it is over. */
  #accompany(current: Current): void {
    const { clock, logger, renewIntervalMs, heartbeat: read } = this.#parts
    const { session, over } = current
    const { signal } = over
    void sendHeartbeats({ channel: session.channel, clock, logger, read, signal })
    void this.#every(logIntervalMs, signal, () => this.#sendLog())
    void this.#renewAfter(renewIntervalMs, current)
    void session.channel.closed.then((error) => {
      if (error && !signal.aborted) void this.#inTurn(() => this.#lostNats(current, errorLine(error)))
    })
  }

  async #renewAfter(ms: number, current: Current): Promise<void> {
    await this.#parts.clock.sleep(Math.min(ms, longestTimerMs), current.over.signal)
    if (!current.over.signal.aborted) await this.#inTurn(() => this.#renew(current))
  }

  async #every(ms: number, signal: AbortSignal, action: () => Promise<void>): Promise<void> {
    const { clock } = this.#parts
    for (await clock.sleep(ms, signal); !signal.aborted; await clock.sleep(ms, signal)) await action()
  }

  /** The worker delivers until the new session is there. */
  async #renew(current: Current): Promise<void> {
    if (this.#current !== current) return
    const { sessions, logger } = this.#parts
    logger.info({}, 'renewing the session with HQ')
    if (await sessions.end(current.session, false, this.#life.signal)) await this.#replaceSession()
    else void this.#renewAfter(postponedMs, current)
  }

  async #lostNats(current: Current | undefined, reason: string): Promise<void> {
    if (!current || this.#current !== current) return
    const { logger, clock } = this.#parts
    logger.warn({}, `NATS is lost, beginning a new session in 5 s: ${reason}`)
    await clock.sleep(natsLostMs, this.#life.signal)
    if (this.isStopping) return
    await this.#report(current)
    await this.#replaceSession()
  }

  /** Ends a session for a failure; resolves to whether HQ has heard of it. */
  #report({ session }: Current): Promise<boolean> {
    const signals = [this.#life.signal, AbortSignal.timeout(reportMs)]
    return withSignals(signals, (signal) => this.#parts.sessions.end(session, true, signal))
  }

  async #replaceSession(): Promise<void> {
    const former = this.#current
    await this.#openSession()
    await this.#parts.workers.stop()
    await this.#tryToDeliver()
    if (former) await leave(former)
  }

  async #deliver(): Promise<void> {
    if (this.#delivered === undefined || !this.#current || this.isStopping) return
    const { order, workers } = this.#parts
    await workers.start(order(this.#delivered, this.#current.session, !this.#hasDelivered))
    this.#hasDelivered = true
  }

  /** A worker that does not come up is dealt with when its end is told. */
  async #tryToDeliver(): Promise<void> {
    await this.#deliver().catch(() => {})
  }

  /** A worker has ended that was not told to. */
  workerEnded(end: WorkerEnd): void {
    void this.#inTurn(() => this.#followUp(end))
  }

  async #followUp(end: WorkerEnd): Promise<void> {
    const { logger } = this.#parts
    switch (afterExit(end.exit)) {
      case 'stop':
        return this.end()
      case 'give up':
        logger.error({}, end.reason)
        return this.end({ exitCode: exitCodeAfter(end.exit), errored: true })
      case 'restart':
        return this.#tryToDeliver()
      case 'renew':
        return this.#lostNats(this.#current, end.reason)
      case 'crash':
        return this.#crashed(end)
    }
  }

  async #crashed({ reason, ranMs }: WorkerEnd): Promise<void> {
    const { logger, clock, restartsWorker } = this.#parts
    logger.error({}, `the worker crashed: ${reason}`)
    const waitMs = restartsWorker ? this.#crashes.crashed(ranMs) : undefined
    if (waitMs === undefined) {
      logger.error({}, restartsWorker ? 'too many crashes: giving up' : 'not started again, as --no-restart says')
      return this.end({ exitCode: exitCodes.error, errored: true })
    }
    const current = this.#current
    const isOver = current && (await this.#report(current))
    await clock.sleep(waitMs, this.#life.signal)
    if (this.isStopping) return
    logger.info({}, `starting the worker again after crash ${this.#crashes.crashes}`)
    if (isOver) await this.#replaceSession()
    else await this.#tryToDeliver()
  }

  async #sendLog(): Promise<void> {
    const { sessions, logger } = this.#parts
    if (!this.#current) return
    await sessions
      .sendLog(this.#current.session, this.#life.signal, false)
      .catch((error: unknown) => logger.warn({}, `the log was not uploaded: ${errorLine(error)}`))
  }

  /** One at a time; what fails ends the supervisor, unless it is about to end anyway. */
  async #inTurn(action: () => Promise<void>): Promise<void> {
    await this.#turns
      .take(async () => {
        if (!this.isStopping) await action()
      })
      .catch((error: unknown) => this.end({ errored: true, error }))
  }
}

async function leave({ session, over }: Current): Promise<void> {
  over.abort()
  await session.close()
}
