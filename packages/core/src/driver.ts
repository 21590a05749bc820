import type { ZodType } from 'zod'
import type { EdsError } from './errors.js'
import type { ChangeEvent } from './event.js'
import type { Position } from './position.js'
import type { DriverContext } from './runtime.js'
import type { TableSchema } from './schema.js'

/**
 * A driver package's default export, made with {@link defineDriver}. Pure facts and pure functions: nothing here does I/O, so a
 * host can list, validate and document drivers without connecting to anything.
 */
export interface DriverDefinition<Config = unknown> {
  readonly apiVersion: 1
  /** Short, lower case, unique: `postgres`. */
  readonly name: string
  /** For people: `PostgreSQL`. */
  readonly title: string
  readonly description: string
  /** A URL that would work with the right values put in; holds no real secret. */
  readonly exampleUrl: string
  /** Further help, plain text, for `eds server help <driver>`. */
  readonly help?: string
  /** URL schemes without colon: `['postgres', 'postgresql']`. */
  readonly schemes: readonly string[]
  /**
   * Validates and completes what {@link parse} returned or a configuration file says. Secret fields are marked with `secret()`.
   * Descriptions and defaults become CLI help, option tables and editor hints.
   */
  readonly config: ZodType<Config>
  /**
   * URL → the input of `config`. Takes text, not a `URL`: several hosts, unescaped passwords and the like break WHATWG parsing.
   * Throws `EdsError('configuration')` that names the part at fault, without quoting a secret.
   */
  parse(url: string): unknown
  /** Config → URL such that `parse` gives the same config again. Holds the secrets: mask before showing. */
  format(config: Config): string
  /** A web form's fields ↔ configuration keys, where a form differs from the schema. */
  readonly form?: readonly FormField[]
  /** Facts of a driver with this configuration (an option may change them). */
  traits(config: Config): DriverTraits
  /** No I/O: only keeps its arguments. */
  create(config: Config, context: DriverContext): Driver
}

/** One field of the form in which a user enters the destination. */
export interface FormField {
  /** The label, which is also the field's name on the wire: `Access Key ID`. */
  readonly name: string
  /** Key of the configuration object that it fills. */
  readonly key: string
  readonly type: 'string' | 'number' | 'boolean'
  readonly format?: 'password'
  readonly default?: string | number | boolean
  readonly description: string
  readonly required: boolean
}

/** What the pipeline must know to feed a driver. */
export interface DriverTraits {
  /** A batch never holds more events. */
  readonly maxBatchEvents: number
  /** A batch never holds more bytes of event text, except that one event always fits. */
  readonly maxBatchBytes: number
  /** How many `write` calls may be open at a time. See {@link Driver.write} for what more than 1 demands. */
  readonly maxInFlight: number
  /** Wait this long for a batch to fill. 0: write at once when idle (batches grow by themselves under load). */
  readonly lingerMs: number
  /** `key`: events of a row arrive in order. `none`: the destination cannot keep any order. */
  readonly ordering: 'key' | 'none'
  /** What a replayed batch does: nothing further (`idempotent`), or the events are there twice (`duplicates`). */
  readonly redelivery: 'idempotent' | 'duplicates'
  /**
   * True when the driver merges changes of a row inside a batch, because only the last state matters to the destination. A fact
   * for readers and for the conformance suite; the pipeline itself never merges.
   */
  readonly compaction: boolean
  /** `stable`: after a crash exactly the same first…last comes again (objects named by position). */
  readonly batches: 'free' | 'stable'
  /**
   * Where a sink without a position begins: where its source says (`resume`), or at `now`, for live sinks that have no use for a
   * backlog; to those, durable means handed to whoever is connected.
   */
  readonly start: 'resume' | 'now'
}

/**
 * A connected destination. One instance serves one sink.
 *
 * A driver keeps nothing undurable between `write` calls, never retries, never batches, never reads the environment, never logs
 * and rethrows: the pipeline does all that. Connections, temporary tables, cached statements and open files are fine: losing
 * them must cost nothing.
 */
export interface Driver {
  /**
   * Opens connections and checks that the destination answers. Called once before the first `write`, and again after an error that
   * was retryable (the driver then replaces what broke). Throws `EdsError`. No side effects on the destination's data.
   */
  connect(signal: AbortSignal): Promise<void>

  /**
   * Applies a batch, in order per row.
   *
   * **Resolves**: every event that is not among `failures` is durable, and no event of a row was applied after a failed one of
   * that row in this batch. **Rejects, or the signal aborts**: unknown; the same batch, or parts of it, may come again.
   *
   * | operation | the row exists | the row is missing |
   * |---|---|---|
   * | INSERT | takes the columns that the image has | is made |
   * | UPDATE | takes the columns that the image has | is made of them, or the event fails as `record` |
   * | DELETE | goes | nothing to do |
   *
   * That is for destinations that keep rows; those that keep messages append or send each event as it is.
   *
   * The signal ends the lane's patience: reject soon after it aborts (`connection`). Nobody else bounds a request to a server that
   * does not answer: do so with a time limit of the driver's own, and reject with `timeout`.
   *
   * A poison event is best reported by `failures` or by rejecting with `EdsError('record', …, {index})`; a rejection without
   * index makes the pipeline find it by bisection.
   *
   * Not called again before the last call settled, unless `maxInFlight` > 1. Then calls overlap, and the driver applies batches in
   * call order; when one rejects or reports failures, every later call that is still open must reject **without having applied
   * anything** (reject with the code `connection`; the pipeline will send those batches again, in order).
   */
  write(batch: EventBatch, signal: AbortSignal): Promise<WriteResult>

  /** Gives everything back. Idempotent, bounded in time, does not throw, and may be called after a failed `connect`. */
  close(): Promise<void>

  /** Present when the destination has tables that must fit the events, or the driver needs to know primary keys and column types. */
  readonly schema?: SchemaSupport
  /** Present when the destination can load rows faster than `write` does. Without it an import goes through `write`. */
  readonly importer?: BulkImporter
  /** Present when the destination can be tested without writing events. Without it `connect` is the test. */
  readonly probe?: ConnectionProbe
}

/** Consecutive events of one source. Never empty, never to be kept after `write` has settled. */
export interface EventBatch {
  readonly events: readonly ChangeEvent[]
  /** Sum of the lengths of the events' bytes. */
  readonly bytes: number
  /**
   * The positions that the batch covers. With `batches: 'stable'` they are the cut that a replay repeats: they may lie outside
   * the first and last event when events at the rim were skipped or dead-lettered.
   */
  readonly first: Position
  readonly last: Position
}

/** An event that can never be applied: it is dead-lettered, whatever the error's code. `index` refers to the batch's `events`; the error's own is ignored. */
export interface WriteFailure {
  readonly index: number
  readonly error: EdsError
}

export interface WriteResult {
  readonly failures?: readonly WriteFailure[]
}

/** The nothing-went-wrong result, shared. */
export const written: WriteResult = Object.freeze({})

/**
 * Migrations. The pipeline calls {@link prepare} when a batch holds a table and model version that this run has not prepared yet,
 * and again when `write` rejected with the code `schema`.
 */
export interface SchemaSupport {
  /**
   * Makes the destination able to take rows of these schemas: creates missing tables, adds missing columns, remembers the schemas
   * (by table and model version) for the writes to come, and adapts to the column types that exist. Never drops or rewrites
   * anything. Idempotent. Never called while a `write` is open. Only properties that the event's version of the schema names are
   * written (but see `TableSchema.open`).
   *
   * Rejects with `record` and `table` when events of that table can never be written here (a name the destination cannot hold):
   * they are dead-lettered and the other tables go on. Rejects with `authentication` when rights are missing and `unsupported`
   * when a table that is there must be repaired first: the lane stops and says so.
   */
  prepare(schemas: readonly TableSchema[], signal: AbortSignal): Promise<SchemaChange[]>
}

/** What `prepare` did to the destination, for the log. */
export interface SchemaChange {
  readonly table: string
  readonly change: 'table created' | 'columns added'
  readonly columns: readonly string[]
}

/** Loads whole tables. */
export interface BulkImporter {
  /** True when rows may come unread, with {@link ChangeEvent.afterBytes}: for importers that take columns out of the text. */
  readonly readsText?: boolean
  /**
   * Loads `rows` into one table. `replace` drops the table and makes it anew first (the caller has asked the user); `merge` keeps
   * what is there and lets imported rows win by primary key. Each chunk holds events of this table only, INSERTs with
   * `imported: true`.
   *
   * **Resolves**: every row is durable. **Rejects**: the table holds what it held before, or with `replace` it may be empty or
   * absent, but never part of the rows; running the import again ends in the same state. `EdsError.index` counts rows from the
   * first of this call when one row is at fault.
   */
  load(request: BulkLoadRequest, signal: AbortSignal): Promise<BulkLoadResult>
}

export interface BulkLoadRequest {
  readonly schema: TableSchema
  readonly rows: AsyncIterable<readonly ChangeEvent[]>
  readonly mode: 'replace' | 'merge'
}

export interface BulkLoadResult {
  readonly rows: number
}

/** Tests a destination for `configure`, `import` and `eds check`. */
export interface ConnectionProbe {
  /**
   * Connects on its own (whether or not `connect` was called), checks the rights that writing needs, leaves nothing behind, and
   * says what it found. Throws `EdsError` whose message a person can act upon.
   */
  test(signal: AbortSignal): Promise<ProbeReport>
}

export interface ProbeReport {
  /** One line: product, version, database. No secret. */
  readonly summary: string
  /** Things that work but deserve a look. */
  readonly warnings: readonly string[]
}

/** Types the definition and keeps it as it is. */
export function defineDriver<Config>(definition: DriverDefinition<Config>): DriverDefinition<Config> {
  return Object.freeze(definition)
}
