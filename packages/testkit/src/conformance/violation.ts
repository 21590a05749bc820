import { setTimeout as delay } from 'node:timers/promises'
import { isEdsError } from '@eds/core'

export interface ViolationOptions extends ErrorOptions {
  /** The promise that was broken, where it is another than the case is about. */
  readonly promise?: string
}

/** A driver or source that broke its contract. The message says which promise, what was expected and what was found. */
export class ContractViolation extends Error {
  override readonly name = 'ContractViolation'
  readonly promise: string | undefined

  constructor(message: string, options: ViolationOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.promise = options.promise
  }
}

/** What went wrong in a case, as a violation whose message begins with the promise that was broken. */
export function violationOf(promise: string, error: unknown): ContractViolation {
  if (!(error instanceof ContractViolation)) {
    return new ContractViolation(`broken promise: ${promise}\n${describeError(error)}`, { cause: error })
  }
  const violation = new ContractViolation(`broken promise: ${error.promise ?? promise}\n${error.message}`)
  const frames = error.stack?.indexOf('\n    at ') ?? -1
  if (frames >= 0) violation.stack = `${violation}${error.stack?.slice(frames)}`
  return violation
}

function describeError(error: unknown): string {
  if (!isEdsError(error)) return `it threw ${error}`
  return `it failed with the code "${error.code}": ${error.message}`
}

/** Fails the case unless the condition holds. The message may be made lazily where making it costs. */
export function demand(condition: boolean, message: string | (() => string)): asserts condition {
  if (!condition) throw new ContractViolation(typeof message === 'string' ? message : message())
}

/** The error of a promise that has to reject. */
export async function demandRejection(promise: Promise<unknown>, message: string): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new ContractViolation(message)
}

/**
 * The outcome of a promise that has to settle within `limitMs`.
 *
 * Waits by the real clock: a promise that never settles cannot be told from a slow one otherwise.
 */
export async function demandSettled<T>(
  promise: Promise<T>,
  limitMs: number,
  what: string,
): Promise<PromiseSettledResult<T>> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ContractViolation(`${what} did not settle within ${limitMs} ms`)), limitMs)
  })
  try {
    const [outcome] = await Promise.race([Promise.allSettled([promise]), late])
    return outcome
  } finally {
    clearTimeout(timer)
  }
}

const pollMs = 10

/** Fails with what `check` says, unless it says nothing within `limitMs`: for what the system finishes in its own time. */
export async function demandSoon(check: () => string | undefined, limitMs: number): Promise<void> {
  const deadline = performance.now() + limitMs
  for (let wrong = check(); wrong !== undefined; wrong = check()) {
    demand(performance.now() < deadline, wrong)
    await delay(pollMs)
  }
}
