import { usageError } from '../exit-codes.js'
import type { FromWorker, ToWorker, WorkerOrder } from './messages.js'

/** What is needed of `process` in a worker. */
export interface WorkerProcessEnd {
  readonly send?: ((message: FromWorker) => boolean) | undefined
  readonly connected: boolean
  on(event: 'message', listener: (message: ToWorker) => void): unknown
  off(event: 'message', listener: (message: ToWorker) => void): unknown
}

/** What the supervisor asks for while the worker delivers. */
export interface WorkerActions {
  pause(): Promise<void>
  unpause(): void
  stop(): void
}

/** A worker's end of the channel to its supervisor. */
export class SupervisorLink {
  readonly #process: WorkerProcessEnd
  readonly #rotations: ((path: string | undefined) => void)[] = []
  #actions: WorkerActions | undefined
  readonly #missed: ToWorker[] = []
  #accept: (order: WorkerOrder) => void = () => {}
  /** The first message. */
  readonly order: Promise<WorkerOrder>

  private constructor(process: WorkerProcessEnd) {
    this.#process = process
    this.order = new Promise((resolve) => {
      this.#accept = resolve
    })
    process.on('message', this.#receive)
  }

  /** @throws CommandFailure when this process is nobody's worker. */
  static attach(process: WorkerProcessEnd): SupervisorLink {
    if (process.send === undefined) throw usageError('a worker is started by eds server only', 'run eds server')
    return new SupervisorLink(process)
  }

  /** From now on these serve the supervisor's wishes, those included that came before. */
  serve(actions: WorkerActions): void {
    this.#actions = actions
    for (const message of this.#missed.splice(0)) this.#receive(message)
  }

  send(message: FromWorker): void {
    if (this.#process.connected) this.#process.send?.(message)
  }

  /** Asks the supervisor, who writes the log, for a new log file. */
  rotateLog(): Promise<string | undefined> {
    return new Promise((resolve) => {
      this.#rotations.push(resolve)
      this.send({ kind: 'rotate-log' })
    })
  }

  /** Lets the process end: who listens to the channel keeps it alive. */
  close(): void {
    this.#process.off('message', this.#receive)
  }

  readonly #receive = (message: ToWorker): void => {
    if (message.kind === 'deliver') this.#accept(message.order)
    else if (message.kind === 'log-rotated') this.#rotations.shift()?.(message.path)
    else if (this.#actions === undefined) this.#missed.push(message)
    else if (message.kind === 'pause') void this.#actions.pause()
    else if (message.kind === 'unpause') this.#actions.unpause()
    else if (message.kind === 'stop') this.#actions.stop()
  }
}
