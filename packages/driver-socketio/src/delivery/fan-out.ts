import type { Server } from 'socket.io'
import type { ChangeMessage } from '../events.js'
import { type Crowd, slowRoom } from './crowd.js'
import { type Audience, eventNameOf, everyoneRoom, roomOf, roomsOf } from './encode.js'
import type { ReplayLog } from './replay.js'

/** What {@link FanOut} sends by. */
export interface FanOutParts {
  readonly server: Server
  readonly crowd: Crowd
  readonly log: ReplayLog | undefined
  /** Whether other servers have sockets too. */
  readonly isShared: boolean
}

/** Sends messages to the rooms of those who may see them. Each message is encoded once per event, not once per socket. */
export class FanOut {
  readonly #parts: FanOutParts

  constructor(parts: FanOutParts) {
    this.#parts = parts
  }

  /** Sends `<table>` and `changes`; a socket gets each once, in however many of the rooms it is. `bytes`: about the message's size. */
  send(audience: Audience, message: ChangeMessage, bytes: number): void {
    const { server, crowd, log } = this.#parts
    const rooms = roomsOf(audience)
    if (rooms.length === 0) return
    const offset = log?.add(rooms, message, bytes)
    if (!this.#isAnyoneIn(rooms)) return
    server.to(rooms).except(slowRoom).emit(eventNameOf(message.table), message)
    // Only the second event has the offset: who got the first alone gets both again.
    const latest = offset === undefined ? [message] : [message, offset]
    server
      .to(rooms)
      .except(slowRoom)
      .emit('changes', ...latest)
    crowd.settle()
  }

  /** How many sockets a message would reach. */
  async receivers(audience: Audience): Promise<number> {
    const rooms = roomsOf(audience)
    if (rooms.length === 0) return 0
    const sockets = await this.#parts.server.in(rooms).except(slowRoom).fetchSockets()
    return sockets.length
  }

  /** Nothing needs to be encoded for rooms that nobody is in. */
  #isAnyoneIn(rooms: readonly string[]): boolean {
    if (this.#parts.isShared) return true
    const present = this.#parts.server.of('/').adapter.rooms
    return rooms.some((room) => present.has(room))
  }
}

/** The rooms that a user's socket is in. */
export function roomsOfUser(userId: string | number): string[] {
  return [everyoneRoom, roomOf(userId)]
}
