import { type Clock, EdsError, isEdsError, type Logger, toEdsError } from '@eds/core'
import type {
  Channel,
  ChannelOptions,
  HqApi,
  NotificationHandlers,
  SessionDriver,
  SessionEnd,
  SessionStart,
  SystemInfo,
} from '@eds/hq'
import { CommandFailure, exitCodes } from '../exit-codes.js'
import { withFix } from '../failure.js'
import type { Redactor } from '../redactor.js'
import { version } from '../version.js'
import type { LogCourier } from './log-courier.js'
import { makeSessionFolder, removeSessions } from './session-folder.js'

/** What HQ knows a run of this server by, and the line to HQ that comes with it. */
export interface Session {
  readonly id: string
  /** Absent where NATS wants none. */
  readonly credentialsFile?: string
  readonly channel: Channel
  /** Closes the line and removes the credentials. Idempotent. */
  close(): Promise<void>
}

export interface SessionDeskParts {
  readonly api: HqApi
  /** Tries once: beginning a session is tried again here, for ever. */
  readonly hastyApi: Pick<HqApi, 'startSession'>
  readonly openChannel: (options: ChannelOptions) => Promise<Channel>
  readonly serverId: string
  readonly natsServers: readonly string[]
  readonly dataDirectory: string
  readonly systemInfo: () => SystemInfo
  readonly courier: LogCourier
  readonly clock: Clock
  readonly logger: Logger
  readonly redactor: Redactor
}

type Started = Extract<SessionStart, { outcome: 'started' }>

const againMs = 5_000
const longestAgainMs = 60_000
/** How long HQ may take to hear of a session that is given up. */
const giveUpMs = 5_000

/** Opens and ends sessions at HQ. */
export class SessionDesk {
  readonly #parts: SessionDeskParts
  #isFirst = true

  constructor(parts: SessionDeskParts) {
    this.#parts = parts
  }

  /**
   * Opens a session and the line that comes with it, however long HQ or NATS are away.
   *
   * @throws CommandFailure when HQ refuses this server (exit code 3), or the signal aborts
   */
  async open(driver: SessionDriver | undefined, handlers: NotificationHandlers, signal: AbortSignal): Promise<Session> {
    for (;;) {
      const { sessionId, credentials } = await this.#start(driver, signal)
      const session = await this.#equip(sessionId, credentials, handlers, signal).catch(async (error: unknown) => {
        await this.#end(sessionId, true, AbortSignal.timeout(giveUpMs)).catch(() => undefined)
        throw error
      })
      if (session) return session
      await this.#end(sessionId, true, signal).catch(() => undefined)
      await this.#pause(againMs, signal)
    }
  }

  /** The session's folder and line; `undefined` when NATS refuses its credentials. */
  async #equip(
    sessionId: string,
    credentials: string | undefined,
    handlers: NotificationHandlers,
    signal: AbortSignal,
  ): Promise<Session | undefined> {
    const { dataDirectory, redactor, logger } = this.#parts
    redactor.add(credentials === undefined ? [] : secretsIn(credentials))
    if (this.#isFirst) await removeSessions(dataDirectory)
    this.#isFirst = false
    const { credentialsFile, remove } = await makeSessionFolder(dataDirectory, sessionId, credentials)
    const channel = await this.#connect(sessionId, credentials, handlers, signal).catch(async (error: unknown) => {
      await remove()
      throw error
    })
    if (channel === undefined) {
      await remove()
      return undefined
    }
    logger.info({}, `session ${sessionId} with HQ`)
    const close = () => channel.close().then(remove)
    return { id: sessionId, channel, close, ...(credentialsFile !== undefined && { credentialsFile }) }
  }

  /**
   * Ends a session, uploads the log and tells HQ where it is.
   *
   * @returns false when HQ could not be told; then the session goes on
   */
  async end(session: Session, errored: boolean, signal: AbortSignal): Promise<boolean> {
    const { logger } = this.#parts
    try {
      const { url, errorUrl } = await this.#end(session.id, errored, signal)
      const target = errored ? (errorUrl ?? url) : url
      if (target !== undefined) await this.#deliverLog(session, target, signal)
      return true
    } catch (error) {
      logger.warn({}, `HQ was not told that the session ends: ${toEdsError(error).message}`)
      return false
    }
  }

  /** Uploads the log of a session that goes on, and tells HQ where it is unless HQ asked for it. */
  async sendLog(session: Session, signal: AbortSignal, isAsked: boolean): Promise<string> {
    const path = await this.#parts.courier.send(await this.#parts.api.logUpload(session.id, signal), signal)
    if (path === undefined) throw new CommandFailure(exitCodes.error, 'there is no log file')
    if (!isAsked) session.channel.announceLogs(path)
    return path
  }

  /** The session is over, whether or not its log arrives. */
  async #deliverLog(session: Session, url: string, signal: AbortSignal): Promise<void> {
    try {
      const path = await this.#parts.courier.send(url, signal)
      if (path !== undefined) session.channel.announceLogs(path)
    } catch (error) {
      this.#parts.logger.warn({}, `the log was not uploaded: ${toEdsError(error).message}`)
    }
  }

  #end(sessionId: string, errored: boolean, signal: AbortSignal): Promise<SessionEnd> {
    return this.#parts.api.endSession(sessionId, { errored }, signal)
  }

  async #start(driver: SessionDriver | undefined, signal: AbortSignal): Promise<Started> {
    const { hastyApi, serverId, systemInfo, logger } = this.#parts
    const info = { ...systemInfo(), version: version(), serverId, ...(driver && { driver }) }
    for (let attempt = 0; ; attempt++) {
      try {
        const start = await hastyApi.startSession(info, signal)
        if (start.outcome === 'started') return start
        logger.warn({}, `HQ says that this server is running already: trying again in 5 s (${start.message})`)
        await this.#pause(againMs, signal)
      } catch (error) {
        if (signal.aborted) throw stopped()
        if (!isEdsError(error) || !error.retryable) throw refused(error)
        const waitMs = Math.min(longestAgainMs, againMs * 2 ** attempt)
        logger.warn({}, `HQ cannot be reached, trying again in ${waitMs / 1_000} s: ${error.message}`)
        await this.#pause(waitMs, signal)
      }
    }
  }

  /** `undefined` when NATS refuses the credentials. */
  async #connect(
    sessionId: string,
    credentials: string | undefined,
    handlers: NotificationHandlers,
    signal: AbortSignal,
  ): Promise<Channel | undefined> {
    const { openChannel, natsServers: servers, logger, redactor } = this.#parts
    const mask = (text: string) => redactor.mask(text)
    const login = credentials === undefined ? {} : { credentials }
    for (;;) {
      try {
        return await openChannel({ servers, sessionId, handlers, logger, mask, ...login })
      } catch (error) {
        const { code, message, retryable } = toEdsError(error)
        if (code !== 'authentication' && !retryable) throw error
        logger.warn({}, `NATS cannot be reached, trying again in 5 s: ${message}`)
        if (code === 'authentication') return undefined
        await this.#pause(againMs, signal)
      }
    }
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    await this.#parts.clock.sleep(ms, signal)
    if (signal.aborted) throw stopped()
  }
}

/** The token and the seed of a `.creds` file, and the file as HQ sends it. */
function secretsIn(credentials: string): string[] {
  const lines = credentials.split('\n').map((line) => line.trim())
  const secrets = lines.filter((line) => line.length > 20 && !line.includes(' ') && !line.startsWith('-----'))
  return [...secrets, Buffer.from(credentials).toString('base64')]
}

function refused(error: unknown): CommandFailure {
  return new CommandFailure(exitCodes.usage, `HQ refuses this server: ${withFix(toEdsError(error))}`, error)
}

function stopped(): EdsError {
  return new EdsError('connection', 'stopped before there was a session with HQ')
}
