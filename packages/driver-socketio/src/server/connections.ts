import { type Clock, type Logger, toEdsError } from '@eds/core'
import type { Socket } from 'socket.io'
import type { Authenticate, AuthenticatedUser } from '../auth/authenticate.js'
import type { SocketioConfig } from '../config.js'
import type { Crowd } from '../delivery/crowd.js'
import { eventNameOf } from '../delivery/encode.js'
import { roomsOfUser } from '../delivery/fan-out.js'
import type { ReplayLog } from '../delivery/replay.js'
import type { ErrorMessage } from '../events.js'
import type { RecoveryData } from './replay-adapter.js'

/** What {@link Connections} needs. */
export interface ConnectionParts {
  readonly config: SocketioConfig
  readonly authenticate: Authenticate
  readonly crowd: Crowd
  readonly log: ReplayLog | undefined
  readonly clock: Pick<Clock, 'now'>
  readonly logger: Logger
  /** Called for `event`s of sockets whose user is known. */
  readonly onEvent: (socket: Socket, userId: string, body: unknown) => void
}

/** What a token turned out to be. */
type Verdict = { readonly user: AuthenticatedUser } | { readonly refusal: ErrorMessage }

/** What a socket carries; `userId` is what its session is remembered by. */
interface SocketData extends RecoveryData {
  userId?: string | number
  verdict?: Verdict
}

const unauthorized: ErrorMessage = { code: 401, message: 'Unauthorized' }
const unavailable: ErrorMessage = { code: 503, message: 'Service Unavailable' }
/** The longest that a timer of Node can wait. */
const maxTimerMs = 2 ** 31 - 1

/** Lets sockets in: checks their token, puts them into their rooms, sends what they missed. */
export class Connections {
  readonly #parts: ConnectionParts

  constructor(parts: ConnectionParts) {
    this.#parts = parts
  }

  /** socket.io's middleware: runs before the client is told that it is connected. It never refuses: clients want an `error` event. */
  readonly check = async (socket: Socket, next: () => void): Promise<void> => {
    const data = socket.data as SocketData
    data.verdict = await this.#verdictOf(socket.handshake.auth.token)
    const recovering = data.recovering
    const isSomebodyElse =
      'user' in data.verdict && recovering !== undefined && String(data.verdict.user.userId) !== recovering.userId
    // What the client believes to take up again is not its own: it connects anew, and the session is gone by then.
    if (isSomebodyElse) socket.conn.close()
    next()
  }

  /** socket.io's `connection`. */
  readonly accept = (socket: Socket): void => {
    const data = socket.data as SocketData
    const { verdict = { refusal: unauthorized } } = data
    if ('refusal' in verdict) {
      refuse(socket, verdict.refusal)
      return
    }
    const { user } = verdict
    const { crowd, onEvent, log } = this.#parts
    crowd.add(socket)
    if (data.recovering !== undefined && !this.#replay(socket, data.recovering.offset, user.userId)) return
    data.userId = user.userId
    socket.join(roomsOfUser(user.userId))
    socket.on('event', (body: unknown) => onEvent(socket, String(user.userId), body))
    this.#endAt(socket, user.expiresAt)
    const message = { sessionId: socket.id, userId: user.userId, code: 200, message: 'Connected' }
    socket.emit('connected', message, ...(log === undefined ? [] : [log.offset]))
  }

  async #verdictOf(token: unknown): Promise<Verdict> {
    if (typeof token !== 'string' || token === '') return { refusal: unauthorized }
    const { authenticate, config, logger } = this.#parts
    try {
      const user = await authenticate(token, AbortSignal.timeout(config.timeoutMs))
      return user === undefined ? { refusal: unauthorized } : { user }
    } catch (error) {
      // Not the error itself: what a program's own `authenticate` throws may hold the token.
      logger.warn({ code: toEdsError(error).code }, 'a token could not be checked; the client was told to try again')
      return { refusal: unavailable }
    }
  }

  /** False when what was missed is gone by now: then the client connects anew. */
  #replay(socket: Socket, offset: string, userId: string | number): boolean {
    const missed = this.#parts.log?.since(offset, new Set(roomsOfUser(userId)))
    if (missed === undefined) {
      socket.conn.close()
      return false
    }
    for (const { message, offset: at } of missed) {
      socket.emit(eventNameOf(message.table), message)
      socket.emit('changes', message, at)
    }
    this.#parts.crowd.settle()
    return true
  }

  #endAt(socket: Socket, expiresAt: number | undefined): void {
    if (expiresAt === undefined) return
    const ms = Math.min(Math.max(expiresAt - this.#parts.clock.now(), 0), maxTimerMs)
    const timer = setTimeout(() => refuse(socket, { code: 401, message: 'the token has expired' }), ms)
    timer.unref()
    socket.once('disconnect', () => clearTimeout(timer))
  }
}

/** Clients do not connect again by themselves after a `disconnect`, but do so when only the connection breaks. */
function refuse(socket: Socket, refusal: ErrorMessage): void {
  socket.emit('error', refusal)
  if (refusal.code === 503) socket.conn.close()
  else socket.disconnect(true)
}
