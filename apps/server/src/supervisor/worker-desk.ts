import type { Clock } from '@eds/core'
import type { WorkFigures } from '../metrics/metrics.js'
import type { WorkerOrder } from '../worker/messages.js'
import type { WaitingRoom } from './waiting-room.js'
import { noWork, type WorkerEnd, WorkerProcess, type WorkerSurroundings } from './worker-process.js'

export interface WorkerDeskParts {
  readonly surroundings: WorkerSurroundings
  readonly room: WaitingRoom
  readonly clock: Clock
  /** A worker has ended that was not told to. */
  readonly onEnd: (end: WorkerEnd) => void
}

/** The one worker that there may be, or the waiting room in its place; and whether delivery is paused, which outlives workers. */
export class WorkerDesk {
  readonly #parts: WorkerDeskParts
  #worker: WorkerProcess | undefined
  #pausedSince: number | undefined

  constructor(parts: WorkerDeskParts) {
    this.#parts = parts
  }

  get figures(): WorkFigures {
    return this.#worker?.figures ?? noWork
  }

  /** Epoch milliseconds; `undefined` while not paused. */
  get pausedSince(): number | undefined {
    if (this.#worker) this.#note(this.#worker.isPaused)
    return this.#pausedSince
  }

  /**
   * Starts a worker and resolves when it delivers. There must be none.
   *
   * @throws CommandFailure when it ends before; `onEnd` hears of that too.
   */
  async start(order: Omit<WorkerOrder, 'isPaused'>): Promise<void> {
    const { surroundings, room } = this.#parts
    await room.close()
    const worker = new WorkerProcess(surroundings, { ...order, isPaused: this.#pausedSince !== undefined })
    this.#worker = worker
    void worker.ended.then((end) => this.#ended(worker, end))
    await worker.running()
  }

  /** Lets the worker finish what is in flight. Resolves when there is none. */
  async stop(): Promise<void> {
    const worker = this.#worker
    if (worker) this.#note(worker.isPaused)
    this.#worker = undefined
    await worker?.stop()
    await this.#openRoom()
  }

  async pause(): Promise<void> {
    this.#note(true)
    await this.#worker?.pause()
  }

  async unpause(): Promise<void> {
    this.#note(false)
    await this.#worker?.unpause()
  }

  async #ended(worker: WorkerProcess, end: WorkerEnd): Promise<void> {
    if (this.#worker !== worker) return
    this.#note(worker.isPaused)
    this.#worker = undefined
    await this.#openRoom()
    this.#parts.onEnd(end)
  }

  /** The port may be lost to another program: the next worker will tell. */
  async #openRoom(): Promise<void> {
    await this.#parts.room.open().catch(() => {})
  }

  #note(isPaused: boolean): void {
    this.#pausedSince = isPaused ? (this.#pausedSince ?? this.#parts.clock.now()) : undefined
  }
}
