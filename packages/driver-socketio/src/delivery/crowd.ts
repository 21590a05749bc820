import type { Clock } from '@eds/core'
import type { Socket } from 'socket.io'
import type { SocketioConfig } from '../config.js'
import { Outbox } from './outbox.js'

/** Slow clients that skip changes are in this room, which nothing is sent to. */
export const slowRoom = 'slow'

/** How long the delivery waits at most for most clients to catch up. */
const maxPauseMs = 1_000

/**
 * Watches how far clients are behind. A slow one is disconnected or skips changes. Only when more than half of all are behind, because
 * changes come faster than clients and network take them, delivery pauses.
 */
export class Crowd {
  readonly #policy: SocketioConfig['slowClients']
  readonly #maxBytes: number
  readonly #behind = new Set<Socket>()
  readonly #overfull = new Set<Socket>()
  #size = 0
  #round = 0
  #isSettlePlanned = false
  #relieved: (() => void) | undefined
  /** Clients that were disconnected or began to skip, since the start. */
  slow = 0

  constructor({ slowClients, maxBufferBytes }: Pick<SocketioConfig, 'slowClients' | 'maxBufferBytes'>) {
    this.#policy = slowClients
    this.#maxBytes = maxBufferBytes
  }

  add(socket: Socket): void {
    this.#size++
    const crowd = this
    new Outbox(socket.conn, this.#maxBytes, {
      get round() {
        return crowd.#currentRound()
      },
      behind: () => this.#behind.add(socket),
      full: () => this.#overfull.add(socket),
      empty: () => {
        this.#forget(socket)
        socket.leave(slowRoom)
      },
    })
    socket.once('disconnect', () => {
      this.#size--
      this.#forget(socket)
    })
  }

  /** Acts upon clients that have become slow. To be called between changes, so that nobody gets half of one. */
  settle(): void {
    this.#round++
    if (this.#overfull.size === 0) return
    for (const socket of this.#overfull) {
      this.slow++
      if (this.#policy === 'skip') socket.join(slowRoom)
      else cutOff(socket)
    }
    this.#overfull.clear()
  }

  /** Resolves at once unless most clients are behind; then when they no longer are, or after a second, or when the signal aborts. */
  async relief(clock: Clock, signal: AbortSignal): Promise<void> {
    if (!this.#isCrowded()) return
    const stop = new AbortController()
    this.#relieved = () => stop.abort()
    await clock.sleep(maxPauseMs, AbortSignal.any([signal, stop.signal]))
    this.#relieved = undefined
  }

  /** Packets that no change of this server causes, such as those of other servers, are judged in the next turn of the event loop. */
  #currentRound(): number {
    if (!this.#isSettlePlanned) {
      this.#isSettlePlanned = true
      setImmediate(() => {
        this.#isSettlePlanned = false
        this.settle()
      })
    }
    return this.#round
  }

  #forget(socket: Socket): void {
    this.#behind.delete(socket)
    this.#overfull.delete(socket)
    if (!this.#isCrowded()) this.#relieved?.()
  }

  #isCrowded(): boolean {
    return this.#behind.size * 2 > this.#size
  }
}

/** Closes a connection at once. A WebSocket would keep what it has not sent for half a minute, waiting for the client to agree. */
function cutOff(socket: Socket): void {
  const { transport } = socket.conn
  socket.conn.close(true)
  // Not among the types: the WebSocket of a transport that is one.
  const { socket: webSocket } = transport as { readonly socket?: { terminate?(): void } }
  webSocket?.terminate?.()
}
