import type { Clock, Logger } from '@eds/core'
import type { Channel } from './channel-types.js'

/** Counts since the start; of histograms the number of samples. */
export interface HeartbeatMetrics {
  readonly flushCount: number
  readonly flushDuration: number
  readonly processingDuration: number
  readonly pendingEvents: number
  readonly totalEvents: number
}

/** Bytes. */
export interface MemoryStats {
  readonly total: number
  readonly available: number
  readonly used: number
  readonly free: number
  /** 0 to 100 */
  readonly usedPercent: number
}

export interface LoadStats {
  readonly load1: number
  readonly load5: number
  readonly load15: number
}

/** How the server does. */
export interface HeartbeatState {
  readonly metrics: HeartbeatMetrics
  readonly memory: MemoryStats
  readonly load: LoadStats
  /** Epoch milliseconds; absent while not paused. */
  readonly pausedSince?: number
}

export interface HeartbeatOptions {
  readonly channel: Pick<Channel, 'sessionId' | 'send'>
  readonly clock: Clock
  readonly logger: Logger
  /** Asked before each heartbeat. When it rejects, that heartbeat is left out, and the log says why. */
  readonly read: () => HeartbeatState | Promise<HeartbeatState>
  /** Ends the heartbeats. */
  readonly signal: AbortSignal
  /** Epoch milliseconds; the uptime counts from here. Default: now. */
  readonly startedAt?: number
  /** Default 60,000. */
  readonly intervalMs?: number
}

/** Sends a heartbeat at once and then every minute. Resolves when the signal has aborted; does not reject. */
export async function sendHeartbeats(options: HeartbeatOptions): Promise<void> {
  const { channel, clock, signal, intervalMs = 60_000 } = options
  const startedAt = options.startedAt ?? clock.now()
  for (let offset = 0; !signal.aborted; ) {
    const state = await readState(options)
    if (signal.aborted) return
    if (state !== undefined) {
      channel.send('heartbeat', heartbeat(state, channel.sessionId, offset, clock.now() - startedAt))
      offset++
    }
    await clock.sleep(intervalMs, signal)
  }
}

async function readState({ read, logger }: HeartbeatOptions): Promise<HeartbeatState | undefined> {
  try {
    return await read()
  } catch (error) {
    logger.warn({ error }, 'no heartbeat: the state of the server cannot be read')
    return undefined
  }
}

/** The message as it goes out. Pure. */
export function heartbeat(state: HeartbeatState, sessionId: string, offset: number, uptimeMs: number) {
  const { metrics, memory, load, pausedSince } = state
  return {
    sessionId,
    offset,
    uptime: Math.floor(uptimeMs / 1_000),
    stats: { metrics, memory, load },
    ...(pausedSince === undefined ? {} : { paused: new Date(pausedSince) }),
  }
}
