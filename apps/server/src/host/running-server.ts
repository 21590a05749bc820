import type { LaneHandle, Pipeline } from '@eds/core'
import { type ExitCode, exitCodes, usageError } from '../exit-codes.js'
import type { ControlActions, DeadLetterRequest } from '../http/control-routes.js'
import { version } from '../version.js'
import { settleLetters } from './letter-choice.js'
import { RateMeter } from './rate-meter.js'
import { type StatusReport, statusReport } from './status-report.js'

const sampleMs = 1_000

export interface RunningServerOptions {
  /** Masked URL by sink. */
  readonly destinations: ReadonlyMap<string, string>
  /** Begins a new log file and gives the path of the complete one; `undefined` when logs go to no file. */
  readonly rotateLog: ControlActions['rotateLog']
  /** Nothing is delivered before someone says so. */
  readonly isPaused?: boolean
  readonly now: () => number
}

/** A server that delivers: what can be seen of it and asked of it while it runs. */
export class RunningServer {
  readonly #options: RunningServerOptions
  readonly #meter = new RateMeter()
  readonly #stop = new AbortController()
  readonly #startedAt: number
  #pipeline: Pipeline | undefined
  #exitCode: ExitCode = exitCodes.done
  #isPaused: boolean

  constructor(options: RunningServerOptions) {
    this.#options = options
    this.#isPaused = options.isPaused ?? false
    this.#startedAt = options.now()
  }

  get lanes(): readonly LaneHandle[] {
    return this.#pipeline?.lanes ?? []
  }

  /** Whether all sinks are paused by request. */
  get isPaused(): boolean {
    return this.#isPaused
  }

  /** Delivers until the signal aborts or someone asks to stop. Rejects when the pipeline failed for good. */
  async run(pipeline: Pipeline, signal: AbortSignal): Promise<ExitCode> {
    this.#pipeline = pipeline
    const onAbort = () => this.#stop.abort()
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    const timer = setInterval(() => this.#sample(), sampleMs)
    try {
      this.#sample()
      // A lane that does not run yet is paused at once.
      if (this.#isPaused) await this.control.pause(undefined)
      await pipeline.run({ signal: this.#stop.signal })
      return this.#exitCode
    } finally {
      clearInterval(timer)
      signal.removeEventListener('abort', onAbort)
      this.#stop.abort()
    }
  }

  report(): StatusReport {
    const { destinations, now } = this.#options
    return statusReport(
      this.lanes.map((lane) => lane.status()),
      {
        version: version(),
        startedAt: this.#startedAt,
        shuttingDown: this.#stop.signal.aborted,
        now: now(),
        destinations,
        rates: this.#meter.rates,
      },
    )
  }

  readonly control: ControlActions = {
    pause: async (sink) => {
      if (sink === undefined) this.#isPaused = true
      await Promise.all(this.#chosen(sink).map((lane) => lane.pause()))
    },
    unpause: (sink) => {
      this.#isPaused = false
      for (const lane of this.#chosen(sink)) lane.resume()
    },
    shutdown: () => this.#stop.abort(),
    restart: () => {
      this.#exitCode = exitCodes.restart
      this.#stop.abort()
    },
    rotateLog: () => this.#options.rotateLog(),
    settleDeadLetters: async ({ action, sink, ids }: DeadLetterRequest) => {
      const [lane, ...others] = this.#chosen(sink)
      if (!lane || others.length > 0)
        throw usageError('there are several sinks', `name one of ${this.#names()} by --sink`)
      return settleLetters(lane, action, ids)
    },
  }

  #sample(): void {
    for (const lane of this.lanes) this.#meter.sample(lane.name, lane.status().totalEvents, this.#options.now())
  }

  #chosen(sink: string | undefined): readonly LaneHandle[] {
    if (sink === undefined) return this.lanes
    const chosen = this.lanes.filter(({ name }) => name === sink)
    if (chosen.length === 0) throw usageError(`there is no sink "${sink}"`, `there is ${this.#names()}`)
    return chosen
  }

  #names(): string {
    return this.lanes.map(({ name }) => name).join(', ')
  }
}
