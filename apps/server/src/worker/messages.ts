import type { WorkFigures } from '../metrics/metrics.js'
import type { ServerSettings } from '../settings/server.js'

/**
 * What a worker is to do. Comes over the channel between the two processes, never on a command line, as it holds secrets.
 */
export interface WorkerOrder {
  /** One destination or more; the first is the one that HQ knows. */
  readonly settings: ServerSettings
  /** What `/control` asks for. */
  readonly token: string
  /** Deliver nothing before told so. */
  readonly isPaused: boolean
  /** Never to be shown. */
  readonly secrets: readonly string[]
}

/** From the supervisor to its worker. Both are the same program in the same version, so nothing is checked. */
export type ToWorker =
  | { readonly kind: 'deliver'; readonly order: WorkerOrder }
  | { readonly kind: 'pause' | 'unpause' | 'stop' }
  /** Answers `rotate-log`. */
  | { readonly kind: 'log-rotated'; readonly path?: string }

/** From a worker to its supervisor. */
export type FromWorker =
  /** HTTP answers, and the pipeline is about to run. */
  | { readonly kind: 'running'; readonly port: number }
  /** Every second, and at once after a pause or its end. */
  | { readonly kind: 'figures'; readonly figures: WorkFigures; readonly isPaused: boolean }
  | { readonly kind: 'rotate-log' }
  /** Why it is about to end. */
  | { readonly kind: 'failed'; readonly message: string }
