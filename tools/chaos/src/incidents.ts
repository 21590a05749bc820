import type { PrivateServer } from '@eds/tool-services'
import type { Publisher } from './publisher.js'
import type { Worker } from './worker.js'

/** Something bad, at a moment of the workload. */
export interface Incident {
  /** Happens before this event is published. */
  readonly at: number
  readonly title: string
  happen(surroundings: {
    readonly nats: PrivateServer
    readonly postgres: PrivateServer
    readonly worker: Worker
    readonly publisher: Publisher
  }): Promise<void>
}

export interface IncidentPlan {
  readonly events: number
  readonly seed: number
  readonly kills: number
  readonly restartPostgres: boolean
  readonly restartNats: boolean
}

const kill: Omit<Incident, 'at'> = {
  title: 'the worker is killed (SIGKILL) and started again',
  happen: async ({ worker }) => {
    await worker.kill()
    worker.start()
  },
}

const restartPostgres: Omit<Incident, 'at'> = {
  title: 'PostgreSQL crashes (SIGKILL) and comes back',
  happen: ({ postgres }) => postgres.restart('SIGKILL'),
}

const restartNats: Omit<Incident, 'at'> = {
  title: 'NATS crashes (SIGKILL) and comes back',
  // What was published must be stored first: a publisher that repeats a lost message would change the order.
  happen: async ({ nats, publisher }) => {
    await publisher.flush()
    await nats.restart('SIGKILL')
    await publisher.reconnected()
  },
}

/** Incidents at random moments, in order. The same seed gives the same moments. */
export function planIncidents(plan: IncidentPlan): Incident[] {
  const kinds = [
    ...Array.from({ length: plan.kills }, () => kill),
    ...(plan.restartPostgres ? [restartPostgres] : []),
    ...(plan.restartNats ? [restartNats] : []),
  ]
  const random = generator(plan.seed)
  return kinds
    .map((kind) => ({ ...kind, at: Math.floor((0.05 + 0.9 * random()) * plan.events) }))
    .sort((left, right) => left.at - right.at)
}

/** mulberry32 */
function generator(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
