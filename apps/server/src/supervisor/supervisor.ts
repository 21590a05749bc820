import { type Clock, type Logger, withSignals } from '@eds/core'
import type { SessionDriver } from '@eds/hq'
import { exitCodes, usageError } from '../exit-codes.js'
import { errorLine } from '../failure.js'
import type { Session } from '../session/session-desk.js'
import type { HeldSession, SessionKeeper } from '../session/session-keeper.js'
import type { NamedUrl } from '../settings/sink-name.js'
import type { WorkerOrder } from '../worker/messages.js'
import { afterExit, exitCodeAfter } from './after-exit.js'
import { CrashCount } from './crash-count.js'
import { type Doing, type Idleness, idleness } from './idleness.js'
import { Life, type Outcome } from './life.js'
import { Turns } from './turns.js'
import type { WaitingRoom } from './waiting-room.js'
import type { WorkerDesk } from './worker-desk.js'
import type { WorkerEnd } from './worker-process.js'

export interface SupervisorParts {
  readonly sessions: Pick<SessionKeeper, 'current' | 'open' | 'end' | 'leave' | 'postpone' | 'sendLog'>
  readonly workers: Pick<WorkerDesk, 'start' | 'stop' | 'pausedSince'>
  readonly room: Pick<WaitingRoom, 'open' | 'close'>
  readonly clock: Clock
  readonly logger: Logger
  readonly restartsWorker: boolean
  /** What a worker is told, `isFirst` being whether none has delivered yet. */
  readonly order: (urls: readonly NamedUrl[], session: Session, isFirst: boolean) => Omit<WorkerOrder, 'isPaused'>
  /** The destination, for HQ. */
  readonly describe: (url: NamedUrl) => Promise<SessionDriver>
  readonly import: (url: string, backfill: boolean, signal: AbortSignal) => Promise<void>
  /** It works: there is a session, and what can be delivered is. Called for each worker. */
  readonly onStarted: () => void
}

const natsLostMs = 5_000
const postponedMs = 60_000
/** How long HQ may take to hear that the server stops. */
const goodbyeMs = 10_000
/** How long HQ may take to hear of a failure, while nothing is delivered. */
const reportMs = 5_000

/** Keeps a session with HQ, and a worker that delivers with what the session brings. One thing happens at a time. */
export class Supervisor {
  readonly #parts: SupervisorParts
  readonly #turns = new Turns()
  readonly #crashes = new CrashCount()
  /** What HQ, or the user, wants to be delivered to. */
  #configured: readonly NamedUrl[]
  /** What is delivered to; absent until an import has prepared it. */
  #delivered: readonly NamedUrl[] | undefined
  #hasDelivered = false
  #doing: Doing = { kind: 'connecting' }
  #life = new Life()

  constructor(parts: SupervisorParts, urls: readonly NamedUrl[]) {
    this.#parts = parts
    this.#configured = urls
    this.#delivered = urls.length === 0 ? undefined : urls
  }

  get isStopping(): boolean {
    return this.#life.signal.aborted
  }

  /** Why nothing is delivered, while there is no worker. */
  get idleness(): Idleness {
    return idleness(this.#doing, {
      hasTarget: this.#configured.length > 0,
      mayDeliver: this.#delivered !== undefined,
    })
  }

  get #signal(): AbortSignal {
    return this.#life.signal
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
  async run(signal: AbortSignal): Promise<Outcome> {
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

  /**
   * Starts the worker anew, with the destination that is configured now. Resolves to whether there is anything to deliver.
   *
   * @throws CommandFailure when the worker does not come up
   */
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
      const { workers, sessions } = this.#parts
      this.#doing = { kind: 'importing' }
      await workers.stop()
      try {
        await this.#parts.import(target.url, backfill, this.#signal)
        this.#delivered = this.#configured
        this.#doing = { kind: 'idle' }
      } catch (error) {
        this.#importFailed(error)
        void sessions.sendLog()
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

  /** A worker has ended that was not told to. */
  workerEnded(end: WorkerEnd): void {
    this.#inTurn(() => this.#followUp(end))
  }

  /** It is time for another session. The worker delivers until that is there. */
  renew(held: HeldSession): void {
    this.#inTurn(async () => {
      const { sessions, logger } = this.#parts
      if (sessions.current !== held) return
      logger.info({}, 'renewing the session with HQ')
      if (await sessions.end(false, this.#signal)) await this.#replaceSession(held)
      else sessions.postpone(postponedMs)
    })
  }

  /** NATS refuses what the session has. */
  lost(held: HeldSession, reason: string): void {
    this.#inTurn(() => this.#lost(held, reason))
  }

  /** Where something was delivered before, that goes on. */
  #importFailed(error: unknown): void {
    this.#doing = { kind: 'import failed', message: errorLine(error) }
    if (this.#delivered === undefined) this.#parts.logger.error({}, this.idleness.reason)
  }

  async #begin(): Promise<void> {
    this.#doing = { kind: 'connecting' }
    await this.#parts.room.open()
    await this.#openSession()
    this.#doing = { kind: 'idle' }
    if (this.#delivered === undefined) {
      this.#parts.logger.info({}, this.idleness.reason)
      this.#parts.onStarted()
    }
    await this.#tryToDeliver()
  }

  async #goodbye({ errored }: Outcome): Promise<void> {
    const { workers, sessions, room, logger } = this.#parts
    await workers.stop()
    if (workers.pausedSince !== undefined)
      logger.warn({}, 'delivery was paused: a new start of the program does not remember that, and delivers')
    if (sessions.current) await sessions.end(errored, AbortSignal.timeout(goodbyeMs))
    await sessions.leave(sessions.current)
    await room.close()
  }

  /** Opens a session and makes it the current one; the former one stays open. */
  async #openSession(): Promise<void> {
    const { sessions, describe } = this.#parts
    const [target] = this.#configured
    await sessions.open(target && (await describe(target)), this.#signal)
  }

  /** What delivers goes on until the new session is there. */
  async #replaceSession(former: HeldSession | undefined): Promise<void> {
    const { workers, sessions } = this.#parts
    await this.#openSession()
    await workers.stop()
    await this.#tryToDeliver()
    await sessions.leave(former)
  }

  async #lost(held: HeldSession | undefined, reason: string): Promise<void> {
    const { sessions, logger, clock } = this.#parts
    if (held === undefined || sessions.current !== held) return
    this.#doing = { kind: 'NATS lost', message: reason }
    logger.warn({}, `NATS is lost, beginning a new session in 5 s: ${reason}`)
    await clock.sleep(natsLostMs, this.#signal)
    if (this.isStopping) return
    await this.#report()
    await this.#replaceSession(held)
  }

  async #deliver(): Promise<void> {
    const { order, workers, sessions, onStarted } = this.#parts
    if (this.#delivered === undefined || !sessions.current || this.isStopping) return
    await workers.start(order(this.#delivered, sessions.current.session, !this.#hasDelivered))
    this.#hasDelivered = true
    this.#doing = { kind: 'idle' }
    onStarted()
  }

  /** A worker that does not come up is dealt with when its end is told. */
  async #tryToDeliver(): Promise<void> {
    await this.#deliver().catch(() => {})
  }

  async #followUp(end: WorkerEnd): Promise<void> {
    const { logger, sessions } = this.#parts
    switch (afterExit(end.exit)) {
      case 'stop':
        return this.end()
      case 'give up':
        logger.error({}, end.reason)
        return this.end({ exitCode: exitCodeAfter(end.exit), errored: true })
      case 'restart':
        return this.#tryToDeliver()
      case 'renew':
        return this.#lost(sessions.current, end.reason)
      case 'crash':
        return this.#crashed(end)
    }
  }

  async #crashed({ reason, ranMs }: WorkerEnd): Promise<void> {
    const { logger, clock, sessions, restartsWorker } = this.#parts
    this.#doing = { kind: 'worker crashed', message: reason }
    logger.error({}, `the worker crashed: ${reason}`)
    const waitMs = restartsWorker ? this.#crashes.crashed(ranMs) : undefined
    if (waitMs === undefined) {
      logger.error({}, restartsWorker ? 'too many crashes: giving up' : 'not started again, as --no-restart says')
      return this.end({ exitCode: exitCodes.error, errored: true })
    }
    const isOver = await this.#report()
    await clock.sleep(waitMs, this.#signal)
    if (this.isStopping) return
    logger.info({}, `starting the worker again after crash ${this.#crashes.crashes}`)
    if (isOver) await this.#replaceSession(sessions.current)
    else await this.#tryToDeliver()
  }

  /** Ends the session for a failure; resolves to whether HQ has heard of it. Without HQ the session goes on. */
  #report(): Promise<boolean> {
    const signals = [this.#signal, AbortSignal.timeout(reportMs)]
    return withSignals(signals, (signal) => this.#parts.sessions.end(true, signal))
  }

  /** What fails ends the supervisor, unless it is about to end anyway. */
  #inTurn(action: () => Promise<void>): void {
    void this.#turns
      .take(async () => {
        if (!this.isStopping) await action()
      })
      .catch((error: unknown) => this.end({ errored: true, error }))
  }
}
