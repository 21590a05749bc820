/**
 * Everything that can go wrong, as a closed set. The code alone decides what the pipeline does.
 *
 * | code | meaning | the lane |
 * |---|---|---|
 * | `configuration` | a setting is wrong; retrying cannot help | stops |
 * | `authentication` | the destination or source knows us and says no, or rights are missing | stops |
 * | `connection` | cannot be reached or cannot serve now: refused, reset, restarting, read-only, disk full, deadlock | retries for ever |
 * | `throttled` | asked to slow down; `retryAfterMs` when it said how long | retries for ever |
 * | `timeout` | no answer in time; the outcome is unknown | retries for ever |
 * | `schema` | a table or column is missing or changed under us | prepares the schema again, then retries |
 * | `record` | this one event can never be applied; `index` says which of the batch | dead-letters it |
 * | `gap` | the source no longer has what comes next, or went backwards | stops, naming the gap |
 * | `unsupported` | asked for something that this driver or server cannot do | stops |
 * | `unknown` | none of the above | retries with a cap, then isolates |
 */
export type ErrorCode =
  | 'configuration'
  | 'authentication'
  | 'connection'
  | 'throttled'
  | 'timeout'
  | 'schema'
  | 'record'
  | 'gap'
  | 'unsupported'
  | 'unknown'

const retryableCodes: ReadonlySet<ErrorCode> = new Set(['connection', 'throttled', 'timeout', 'schema', 'unknown'])

export interface EdsErrorOptions {
  readonly cause?: unknown
  /** `record` and `schema`: position of the event in the batch's `events`. */
  readonly index?: number
  /** `throttled`: wait at least this long. */
  readonly retryAfterMs?: number
  /** `schema`: the table concerned, when known. */
  readonly table?: string
  /** What the reader should do next; shown behind the message. */
  readonly fix?: string
}

const brand = Symbol.for('eds.error')

/**
 * The only error that crosses the contract. The message says what failed and where, and never holds a secret; `fix` says what to
 * do next. Recognise it with {@link isEdsError}, which also works when two copies of this package are installed.
 */
export class EdsError extends Error {
  readonly [brand] = true
  override readonly name = 'EdsError'
  readonly code: ErrorCode
  readonly index: number | undefined
  readonly retryAfterMs: number | undefined
  readonly table: string | undefined
  readonly fix: string | undefined

  constructor(code: ErrorCode, message: string, options: EdsErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.index = options.index
    this.retryAfterMs = options.retryAfterMs
    this.table = options.table
    this.fix = options.fix
  }

  get retryable(): boolean {
    return retryableCodes.has(this.code)
  }
}

export function isEdsError(error: unknown): error is EdsError {
  return typeof error === 'object' && error !== null && brand in error
}

/** Any thrown value as an {@link EdsError}; what is none already becomes `unknown` with the same message. */
export function toEdsError(error: unknown): EdsError {
  if (isEdsError(error)) return error
  const message = error instanceof Error ? error.message : String(error)
  return new EdsError('unknown', message, { cause: error })
}
