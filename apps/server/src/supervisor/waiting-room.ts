import { type StatusReport, statusReport } from '../host/status-report.js'
import type { ControlActions } from '../http/control-routes.js'
import type { HttpOptions } from '../http/http-server.js'
import { whileServing } from '../http/while-serving.js'
import { createMetrics } from '../metrics/metrics.js'
import { version } from '../version.js'
import type { Idleness } from './idleness.js'

export interface WaitingRoomOptions extends Pick<HttpOptions, 'host' | 'port' | 'token' | 'redactor'> {
  readonly controlFile: string
  readonly control: ControlActions
  readonly isStopping: () => boolean
  /** Why there is no worker. */
  readonly idleness: () => Idleness
  readonly now: () => number
}

/** Answers HTTP in the worker's place while there is none: before the first import, during one, between two workers. */
export class WaitingRoom {
  readonly #options: WaitingRoomOptions
  readonly #startedAt: number
  #open: { readonly leave: () => void; readonly left: Promise<void> } | undefined

  constructor(options: WaitingRoomOptions) {
    this.#options = options
    this.#startedAt = options.now()
  }

  /** @throws EdsError when the port cannot be had */
  async open(): Promise<void> {
    if (this.#open) return
    let leave = () => {}
    const leaving = new Promise<void>((resolve) => {
      leave = resolve
    })
    await new Promise<void>((resolve, reject) => {
      const left = this.#serve(async () => {
        resolve()
        await leaving
      })
      this.#open = { leave, left: left.catch(() => {}) }
      left.catch((error: unknown) => {
        this.#open = undefined
        reject(error)
      })
    })
  }

  /** Resolves when the port is free. */
  async close(): Promise<void> {
    const open = this.#open
    this.#open = undefined
    open?.leave()
    await open?.left
  }

  #serve(action: () => Promise<void>): Promise<void> {
    const { controlFile, now } = this.#options
    const report = () => this.#report()
    return whileServing(controlFile, { ...this.#options, metrics: createMetrics(() => [], now), report }, action)
  }

  #report(): StatusReport {
    const { now, isStopping, idleness, redactor } = this.#options
    const noLanes = { version: version(), startedAt: this.#startedAt, destinations: new Map(), rates: new Map() }
    const report = statusReport([], { ...noLanes, shuttingDown: isStopping(), now: now() })
    if (isStopping()) return report
    const { status, reason } = idleness()
    return { ...report, status, reason: redactor.mask(reason) }
  }
}
