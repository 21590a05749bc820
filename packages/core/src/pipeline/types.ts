import type { Server } from 'node:http'
import type { DriverDefinition } from '../driver.js'
import type { EdsError, ErrorCode } from '../errors.js'
import type { ChangeEvent } from '../event.js'
import type { Position } from '../position.js'
import type { SchemaRegistry } from '../registry.js'
import type { Clock, Logger, StateStore } from '../runtime.js'
import type { Source, StartAt } from '../source.js'
import type { DeadLetterStore } from './dead-letter.js'

/**
 * A step between decoding and batching, in order: skip (`undefined`), change (a new event, made by `rewriteEvent` or `placeEvent`: an
 * object spread loses what is made on demand), or pass the event on as it is. Throw `EdsError('record')` to dead-letter it. Synchronous and pure; called once per event.
 */
export type EventStage = (event: ChangeEvent) => ChangeEvent | undefined

/** What happens to an event that can never be applied: set aside and go on, or stop the lane in front of it. */
export type OnError = 'dead-letter' | 'halt'

export interface RetryOptions {
  /** First wait, milliseconds; doubles with full jitter. Default 100. */
  readonly baseMs: number
  /** Longest wait, milliseconds. Default 30,000. */
  readonly maxMs: number
  /** Attempts with an `unknown` error before the batch is taken apart. Default 5. */
  readonly unknownAttempts: number
}

/** What may be set for one sink; everything else comes from the pipeline. */
export interface SinkOptions {
  /** Unique name: state, dead letters and the source's cursor carry it. `[A-Za-z0-9_-]+`. Default: the driver's name. */
  readonly name?: string
  readonly onError?: OnError
  readonly stages?: readonly EventStage[]
  readonly start?: StartAt
  /** Overrides the driver's linger, milliseconds. */
  readonly lingerMs?: number
  /** Lowers the driver's bounds. */
  readonly maxBatchEvents?: number
  readonly maxBatchBytes?: number
  /** In place of the pipeline's, for a sink whose stages rename tables or columns, or leave some out. */
  readonly registry?: SchemaRegistry
}

/** A destination ready to be put into a pipeline; made with `sink()`. */
export interface Sink {
  readonly name: string
  readonly definition: DriverDefinition
  readonly config: unknown
  readonly options: SinkOptions
}

export interface PipelineOptions {
  readonly source: Source
  /** At least one; names unique. */
  readonly sinks: readonly Sink[]
  /** Where positions and dead-letter keys are kept. Default: in memory, so that a restart relies on what the source remembers. */
  readonly state?: StateStore
  /** Without it nothing can be set aside, and `onError` is `halt`. */
  readonly deadLetters?: DeadLetterStore
  /** Default: schemas inferred from the rows. */
  readonly registry?: SchemaRegistry
  /** Default `dead-letter`. */
  readonly onError?: OnError
  /** Run for every sink, before its own stages. */
  readonly stages?: readonly EventStage[]
  /** For sinks that no one remembers. Default `resume`. */
  readonly start?: StartAt
  readonly retry?: Partial<RetryOptions>
  /**
   * How long open writes may take after an abort, milliseconds. Default 30,000. Then they are aborted, and abandoned when that does
   * not end them within five more seconds: their events come again with the next run.
   */
  readonly drainMs?: number
  readonly clock?: Clock
  readonly random?: () => number
  readonly logger?: Logger
  readonly metrics?: PipelineMetrics
  readonly session?: string
  readonly httpServer?: Server
}

/**
 * - `connecting`: opening the source or the destination for the first time.
 * - `running`: delivering, or waiting for events.
 * - `retrying`: source or destination is failing; trying again with back-off.
 * - `paused`: by request.
 * - `stopped`: finished, aborted, or failed for good (then `error` says why).
 */
export type LaneState = 'connecting' | 'running' | 'retrying' | 'paused' | 'stopped'

/** A snapshot of one lane, cheap to take. */
export interface LaneStatus {
  readonly sink: string
  readonly driver: string
  readonly state: LaneState
  /** When the state was entered, epoch milliseconds. */
  readonly since: number
  /** The last durable position. */
  readonly position?: Position
  /** When the source stored the last event applied, epoch milliseconds. */
  readonly positionTime?: number
  /** Events read and not yet durable. */
  readonly pendingEvents: number
  readonly pendingBytes: number
  /** When the source stored the oldest event that is read and not yet durable, epoch milliseconds. */
  readonly oldestPendingTime?: number
  /** Events that the source holds beyond those read, when it says so. */
  readonly behindEvents?: number
  /** Since the start of this run. */
  readonly totalEvents: number
  readonly totalBytes: number
  readonly skippedEvents: number
  readonly retries: number
  /** Dead letters open or parked now. */
  readonly deadLetters: number
  /** The last error, also when it has passed. */
  readonly error?: { readonly code: ErrorCode; readonly message: string; readonly at: number }
}

/** What became of dead letters. */
export interface DeadLetterOutcome {
  readonly applied: number
  readonly failed: number
  readonly skipped: number
  /** Why the first ten of those that failed did. */
  readonly failures: readonly { readonly id: Position; readonly reason: string }[]
  /** Partial changes, counted among the skipped, that nobody named: they stood behind a whole row that was given up. */
  readonly skippedBehind: readonly Position[]
  /** Ids that no open or parked letter has. When there is one, nothing was done but to finish a repair that was cut short. */
  readonly unknown: readonly Position[]
}

/** One sink's own way from the source; independent of the others in progress, failure and speed. */
export interface LaneHandle {
  readonly name: string
  status(): LaneStatus
  /** Stops taking new batches; resolves when open writes have settled. Deliveries are kept alive at the source. */
  pause(): Promise<void>
  resume(): void
  /**
   * Applies open and parked dead letters again, oldest first per row, between two batches, so that nothing newer is overtaken. Without ids: all.
   * What fails again stays open, with the new reason.
   */
  retryDeadLetters(ids?: readonly Position[]): Promise<DeadLetterOutcome>
  /**
   * Gives the letters up. A partial change that was parked behind some of its row's columns is applied then; one behind the whole row is given up with it, as
   * it would make a row that never was. Without ids: all that are open.
   */
  skipDeadLetters(ids?: readonly Position[]): Promise<DeadLetterOutcome>
}

export interface Pipeline {
  readonly lanes: readonly LaneHandle[]
  /**
   * Delivers until the signal aborts (then finishes the writes that are open and resolves), the source ends (then everything is
   * durable), or every lane has stopped. Rejects with the first lane's `EdsError` when a lane failed for good, after the others
   * have ended. Call once.
   */
  run(options?: { readonly signal?: AbortSignal }): Promise<void>
}

/** What happened, per batch; never per event. All durations in milliseconds. Must not throw. */
export interface PipelineMetrics {
  /** `processingMs`: from the source storing the oldest event of the batch to its being durable. */
  onBatch?(
    sink: string,
    batch: { readonly events: number; readonly bytes: number; readonly writeMs: number; readonly processingMs: number },
  ): void
  onRetry?(sink: string, error: EdsError): void
  onDeadLetter?(sink: string, events: number): void
  onState?(sink: string, state: LaneState, error: EdsError | undefined): void
  /** A counter of the driver's own. */
  onDriver?(sink: string, name: string, value: number): void
}
