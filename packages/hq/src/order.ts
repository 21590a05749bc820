import type { Action } from './notification.js'

/** What must neither overlap nor overtake shares a lane; what has none starts at once. */
const lanes: Readonly<Partial<Record<Action, string>>> = {
  restart: 'work',
  upgrade: 'work',
  configure: 'work',
  import: 'work',
  pause: 'flow',
  unpause: 'flow',
  sendlogs: 'logs',
}

/** Starts jobs in the order of their lanes. */
export class OrderedJobs {
  readonly #tails = new Map<string, Promise<void>>()

  /** `job` must not reject. */
  add(action: Action, job: () => Promise<void>): void {
    const lane = lanes[action]
    if (lane === undefined) void job()
    else this.#tails.set(lane, (this.#tails.get(lane) ?? Promise.resolve()).then(job))
  }
}
