/** A driver or source that broke its contract. The message says which promise, what was expected and what was found. */
export class ContractViolation extends Error {
  override readonly name = 'ContractViolation'
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
 * The one place where a suite waits by the real clock: a promise that never settles cannot be told from a slow one otherwise.
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
