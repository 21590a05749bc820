import type { CommandIo } from '../command.js'
import { errorLine } from '../failure.js'
import type { ProgramLogger } from '../logging/create-logger.js'
import type { ConfigPlan } from './config-plan.js'

/** From one configuration to the next. */
export interface Turn {
  /** Aborts when there is another configuration. */
  readonly signal: AbortSignal
  /** The other configuration, once. */
  takePlan(): ConfigPlan | undefined
}

/** Reads the configuration anew whenever it is asked to. One that is wrong is told, and forgotten. */
export class Reloads {
  readonly #read: () => Promise<ConfigPlan>
  readonly #logger: ProgramLogger
  readonly #stop: () => void
  #turn = new AbortController()
  #plan: ConfigPlan | undefined
  #reading: Promise<void> = Promise.resolve()

  constructor(io: Pick<CommandIo, 'onReload'>, read: () => Promise<ConfigPlan>, logger: ProgramLogger) {
    this.#read = read
    this.#logger = logger
    this.#stop = io.onReload?.(() => this.#reload()) ?? (() => {})
  }

  /** A request that came since the last turn ended it already. */
  nextTurn(): Turn {
    const turn = this.#plan === undefined ? new AbortController() : this.#turn
    this.#turn = turn
    return {
      signal: turn.signal,
      takePlan: () => {
        const plan = this.#plan
        this.#plan = undefined
        return plan
      },
    }
  }

  close(): void {
    this.#stop()
  }

  /** One after the other; the last one holds. */
  #reload(): void {
    this.#reading = this.#reading.then(async () => {
      try {
        this.#plan = await this.#read()
        this.#logger.info({}, 'the configuration was read anew')
        this.#turn.abort()
      } catch (error) {
        this.#logger.error({}, `the configuration was not changed: ${errorLine(error)}`)
      }
    })
  }
}
