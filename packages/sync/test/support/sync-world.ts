import type { Logger } from '@eds/core'
import {
  openSync,
  parseSyncConfig,
  type Sync,
  type SyncConfig,
  type SyncMessage,
  type SyncStorage,
} from '../../src/index.js'
import { ManualClock } from './manual-clock.js'

export const silent: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** Deterministic numbers in [0, 1). */
export function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export function testConfig(
  changes: object = {},
  endpoints: readonly object[] = [{ eventKey: 'a' }, { eventKey: 'b' }],
) {
  const trigger = { type: 'window', observationPeriod: 60, ...changes }
  return parseSyncConfig({ serviceName: 'test', trigger, endpoints }, { requireTarget: false })
}

export function request(eventKey: string, content = eventKey) {
  return { eventKey, httpMethod: 'POST', headers: { accept: ['*/*'] }, queryParams: { q: ['1', '2'] }, content }
}

export interface WorldOptions {
  readonly config?: SyncConfig
  readonly clock?: ManualClock
  readonly legacyDates?: boolean
  readonly maxMessageBytes?: number
  readonly random?: () => number
}

/** A synchronisation over a storage, whose destination can be down or silent. */
export class SyncWorld {
  readonly messages: SyncMessage[] = []
  readonly attempts: SyncMessage[] = []
  readonly clock: ManualClock
  /** What a send does before its message counts. */
  gate: () => Promise<void> = async () => {}
  sync!: Sync

  private constructor(clock: ManualClock) {
    this.clock = clock
  }

  static async open(storage: SyncStorage, options: WorldOptions = {}): Promise<SyncWorld> {
    const { config = testConfig(), clock = new ManualClock(), random = Math.random, ...others } = options
    const world = new SyncWorld(clock)
    const send = async (message: SyncMessage) => {
      world.attempts.push(message)
      await world.gate()
      world.messages.push(message)
    }
    world.sync = await openSync({ config, storage, send, clock, random, logger: silent, ...others })
    return world
  }

  /** Receives one event after the other. */
  async receive(...eventKeys: string[]) {
    const receipts = []
    for (const eventKey of eventKeys) receipts.push(await this.sync.receive(request(eventKey)))
    return receipts
  }

  /** The contents of each message's events, by endpoint. */
  contents(): Record<string, string[]>[] {
    return this.messages.map(({ events }) =>
      Object.fromEntries(
        Object.entries(events).map(([key, part]) => [key, (part.events ?? []).map(({ content }) => content)]),
      ),
    )
  }
}
