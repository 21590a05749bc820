import type { Namespace } from 'socket.io'
import { Adapter, type Session } from 'socket.io-adapter'
import type { ReplayLog } from '../delivery/replay.js'

/** What a socket that comes back is known by until its token has been checked again. */
export interface RecoveryData {
  readonly recovering?: { readonly userId: string; readonly offset: string }
}

/**
 * socket.io's in-memory adapter with a bounded replay. socket.io's own keeps everything for as long as a client may be away, and sends
 * what was missed, and gives the rooms back, before it knows whose token the client has now. This one gives back nothing but the ids:
 * rooms and messages follow once the token has been checked.
 */
export function replayAdapter(log: ReplayLog): (namespace: Namespace) => Adapter {
  class ReplayAdapter extends Adapter {
    override persistSession({ pid, sid, data }: Parameters<Adapter['persistSession']>[0]): void {
      const { userId } = data as { readonly userId?: string | number }
      if (userId !== undefined) log.leave(pid, { socketId: sid, userId: String(userId) })
    }

    override restoreSession(pid: string, offset: string): Promise<Session> {
      const session = log.take(pid, offset)
      if (session === undefined) return Promise.reject(new Error('there is no such session any more'))
      const data: RecoveryData = { recovering: { userId: session.userId, offset } }
      return Promise.resolve({ pid, sid: session.socketId, rooms: [], data, missedPackets: [] })
    }
  }
  // No arrow: socket.io calls it with `new`.
  return function create(namespace) {
    return new ReplayAdapter(namespace)
  }
}
