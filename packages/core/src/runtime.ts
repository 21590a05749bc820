import type { Server } from 'node:http'

/** Time, passed in, so that a test or the simulator can own it. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number
  /** Resolves after `ms`, or at once when the signal aborts (it never rejects: look at the signal). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** Structured logging in the shape of pino: fields first, then the message. Never pass a secret. */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/**
 * Small durable key-value state. `write` is atomic and resolves when the changes survive the death of the process.
 * Keys are any text; values are text (JSON where structure is needed).
 */
export interface StateStore {
  get(key: string): Promise<string | undefined>
  /** Entries whose key starts with `prefix`, in key order, a snapshot. */
  entries(prefix: string): AsyncIterable<readonly [key: string, value: string]>
  /** All or nothing; `undefined` deletes. */
  write(changes: Readonly<Record<string, string | undefined>>): Promise<void>
  /**
   * A place of its own in the same store: its entries never meet those of the store itself or of another namespace, whatever their
   * names and keys. The same name gives the same place.
   */
  namespace(name: string): StateStore
}

/** Counters that a driver may report; the host decides where they go. Cheap, but still: per batch, never per event. */
export interface DriverMetrics {
  count(name: string, value: number): void
}

/** What a driver is given to work with. It never reads the environment, the clock or the disk by itself. */
export interface DriverContext {
  /** Name of the sink, unique in the pipeline. */
  readonly sink: string
  /** Identifies this run of the pipeline, for instance in a query tag. */
  readonly session: string
  readonly logger: Logger
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly metrics: DriverMetrics
  /** A namespace of this sink's own; survives restarts when the host has a durable store. */
  readonly state: StateStore
  /** The host's HTTP server, for drivers that serve clients (sockets); absent in a library without one. */
  readonly httpServer?: Server
}
