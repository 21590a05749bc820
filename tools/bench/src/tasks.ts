/** Delivers a stream through the pipeline until `events` are durable. */
export interface PipelineTask {
  readonly kind: 'pipeline'
  readonly natsUrl: string
  readonly stream: string
  readonly ack: 'all' | 'explicit'
  /** Module whose default export is the driver, as an import specifier: `@eds/driver-postgres`. */
  readonly driver: string
  readonly url: string
  readonly events: number
  /** Event ids are nanoseconds of the monotonic clock: report the time from there to durable. */
  readonly measureLatency?: boolean
}

/** The least a program can do: subscribe, upsert, commit, acknowledge; one event at a time. */
export interface BareTask {
  readonly kind: 'bare'
  readonly natsUrl: string
  readonly stream: string
  readonly url: string
  readonly events: number
}

/** Reads a stream to its end. */
export interface ReadTask {
  readonly kind: 'read'
  readonly natsUrl: string
  readonly stream: string
  readonly decode: boolean
  readonly events: number
}

export type Task = PipelineTask | BareTask | ReadTask
