import type { ChildProcess } from 'node:child_process'
import { CommandFailure, exitCodes } from '../exit-codes.js'
import type { WorkFigures } from '../metrics/metrics.js'
import type { FromWorker, ToWorker, WorkerOrder } from '../worker/messages.js'
import { describeExit, exitCodeAfter, type WorkerExit } from './after-exit.js'
import { type ProgramStart, startProgram } from './child-program.js'

export interface WorkerSurroundings {
  readonly program: ProgramStart
  /** Takes a line of the worker's log. */
  readonly onLine: (line: string) => void
  /** Begins a new log file and gives the complete one. */
  readonly rotateLog: () => string | undefined
  readonly now: () => number
}

export interface WorkerEnd {
  readonly exit: WorkerExit
  /** For people, without secrets. */
  readonly reason: string
  /** How long it had been delivering, milliseconds. */
  readonly ranMs: number
}

export const noWork: WorkFigures = {
  pendingEvents: 0,
  totalEvents: 0,
  flushCount: 0,
  flushDuration: 0,
  processingDuration: 0,
}

/** Longer than a worker takes to finish what is in flight, or to give it up. */
const stopMs = 40_000

/** A process that delivers, as the supervisor sees it. */
export class WorkerProcess {
  readonly #child: ChildProcess
  readonly #surroundings: WorkerSurroundings
  readonly #watchers = new Set<() => void>()
  readonly ended: Promise<WorkerEnd>
  #runningSince: number | undefined
  #failure: string | undefined
  #isPaused: boolean
  #isOver = false
  #figures = noWork

  constructor(surroundings: WorkerSurroundings, order: WorkerOrder) {
    const { child, ended } = startProgram(surroundings.program, ['worker'], surroundings.onLine)
    this.#child = child
    this.#surroundings = surroundings
    this.#isPaused = order.isPaused
    child.on('message', (message: FromWorker) => this.#receive(message))
    this.#send({ kind: 'deliver', order })
    this.ended = ended.then((exit) => this.#end(exit))
  }

  get figures(): WorkFigures {
    return this.#figures
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  /** Resolves when it answers HTTP and reads. Rejects with CommandFailure when it ends before. */
  async running(): Promise<void> {
    await this.#until(() => this.#runningSince !== undefined || this.#isOver)
    if (this.#runningSince !== undefined) return
    const { exit, reason } = await this.ended
    throw new CommandFailure(exitCodeAfter(exit) || exitCodes.error, reason)
  }

  /** Resolves when it pauses, or has ended. */
  async pause(): Promise<void> {
    this.#send({ kind: 'pause' })
    await this.#until(() => this.#isPaused || this.#isOver)
  }

  async unpause(): Promise<void> {
    this.#send({ kind: 'unpause' })
    await this.#until(() => !this.#isPaused || this.#isOver)
  }

  /** Lets it finish what is in flight; kills it when that takes too long. */
  async stop(): Promise<WorkerEnd> {
    this.#send({ kind: 'stop' })
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), stopMs)
    try {
      return await this.ended
    } finally {
      clearTimeout(timer)
    }
  }

  #receive(message: FromWorker): void {
    switch (message.kind) {
      case 'running':
        this.#runningSince = this.#surroundings.now()
        break
      case 'figures':
        this.#figures = message.figures
        this.#isPaused = message.isPaused
        break
      case 'failed':
        this.#failure = message.message
        break
      case 'rotate-log':
        this.#answerRotation()
    }
    this.#tell()
  }

  #answerRotation(): void {
    const path = this.#surroundings.rotateLog()
    this.#send({ kind: 'log-rotated', ...(path !== undefined && { path }) })
  }

  #end(exit: WorkerExit): WorkerEnd {
    this.#isOver = true
    this.#tell()
    const ranMs = this.#runningSince === undefined ? 0 : this.#surroundings.now() - this.#runningSince
    const reason = this.#failure ?? `the worker ended with ${describeExit(exit)}`
    return { exit, reason, ranMs }
  }

  /** A worker that has just ended does not hear it. */
  #send(message: ToWorker): void {
    if (this.#child.connected) this.#child.send(message, () => {})
  }

  #until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!condition()) return
        this.#watchers.delete(look)
        resolve()
      }
      this.#watchers.add(look)
      look()
    })
  }

  #tell(): void {
    for (const look of [...this.#watchers]) look()
  }
}
