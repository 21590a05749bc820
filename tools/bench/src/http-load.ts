import { setTimeout as sleep } from 'node:timers/promises'
import { HttpLine, postRequest } from './http-line.js'
import { percentile } from './result.js'

/** A steady rate of small POST requests. */
export interface LoadTask {
  readonly port: number
  /** Taken in turn. */
  readonly paths: readonly string[]
  readonly perSecond: number
  readonly seconds: number
  /** Kept connections, each with one request at a time. */
  readonly connections: number
}

/** Milliseconds. */
export interface Quantiles {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

export interface LoadReport {
  readonly answered: number
  readonly perSecond: number
  /** From when each request was to be sent, whether or not a connection was free then. */
  readonly sinceDue: Quantiles
  /** From when it was sent. */
  readonly sinceSent: Quantiles
  readonly cpuMicrosPerRequest: number
}

/** Sends when it is time to, whether or not earlier requests were answered; what finds no free connection waits for the first. */
export async function runLoad(task: LoadTask): Promise<LoadReport> {
  const lines = await Promise.all(Array.from({ length: task.connections }, () => HttpLine.connect(task.port)))
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  const load = new SteadyLoad(task, lines, startedAt)
  await load.run()
  const seconds = (performance.now() - startedAt) / 1_000
  const { user, system } = process.cpuUsage(cpuBefore)
  for (const line of lines) line.close()
  const answered = load.sinceDue.length
  return {
    answered,
    perSecond: answered / seconds,
    sinceDue: quantiles(load.sinceDue),
    sinceSent: quantiles(load.sinceSent),
    cpuMicrosPerRequest: (user + system) / answered,
  }
}

class SteadyLoad {
  readonly sinceDue: number[] = []
  readonly sinceSent: number[] = []
  readonly #requests: readonly Buffer[]
  readonly #idle: HttpLine[]
  readonly #total: number
  readonly #perMs: number
  readonly #startedAt: number
  #begun = 0
  #failure: unknown
  #done: () => void = () => {}

  constructor({ paths, perSecond, seconds }: LoadTask, lines: readonly HttpLine[], startedAt: number) {
    this.#requests = paths.map((path) => postRequest(path, 'an event'))
    this.#idle = [...lines]
    this.#total = perSecond * seconds
    this.#perMs = perSecond / 1_000
    this.#startedAt = startedAt
  }

  async run(): Promise<void> {
    const done = new Promise<void>((resolve) => {
      this.#done = resolve
    })
    while (this.#begun < this.#total && this.#failure === undefined) {
      this.#begin()
      await sleep(1)
    }
    await done
    if (this.#failure !== undefined) throw this.#failure
  }

  #begin(): void {
    const due = Math.min(this.#total, Math.floor((performance.now() - this.#startedAt) * this.#perMs))
    while (this.#begun < due) {
      // In turn: the server closes what is idle for some seconds.
      const line = this.#idle.shift()
      if (line === undefined) return
      void this.#send(line, this.#begun++)
    }
  }

  async #send(line: HttpLine, number: number): Promise<void> {
    const sentAt = performance.now()
    try {
      const status = await line.send(this.#requests[number % this.#requests.length] ?? Buffer.of())
      if (status !== 200) throw new Error(`request ${number} was answered ${status}`)
    } catch (error) {
      this.#failure = error
      return this.#done()
    }
    const now = performance.now()
    this.sinceDue.push(now - this.#startedAt - number / this.#perMs)
    this.sinceSent.push(now - sentAt)
    this.#idle.push(line)
    this.#begin()
    if (this.sinceDue.length === this.#total) this.#done()
  }
}

function quantiles(latencies: readonly number[]): Quantiles {
  return { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99), max: percentile(latencies, 1) }
}
