import { type ContractViolation, violationOf } from './violation.js'

/** One promise of the contract, tried on a subject. A plain value, so that a case can be run without any test framework. */
export interface ConformanceCase<Context> {
  /** Unique in its suite: `order: a row that is deleted and inserted again is there`. */
  readonly name: string
  /** What the contract promises, and where it says so. Every failure of the case begins with it. Default: the name. */
  readonly promise?: string
  /** Why the case says nothing about this subject; `undefined` when it applies. */
  skip?(context: Context): string | undefined
  /** Resolves when the subject kept the promise; rejects with a `ContractViolation` otherwise. */
  run(context: Context): Promise<void>
}

/** Says `reason` unless the condition holds. For {@link ConformanceCase.skip}. */
export function unless(condition: boolean, reason: string): string | undefined {
  return condition ? undefined : reason
}

/** What running one case came to. */
export type CaseOutcome =
  | { readonly name: string; readonly outcome: 'kept' }
  | { readonly name: string; readonly outcome: 'skipped'; readonly reason: string }
  | { readonly name: string; readonly outcome: 'broken'; readonly error: ContractViolation }

/**
 * Runs one case in a context of its own.
 *
 * @param open makes the context; `close` gives back what the case opened, whether it held or not. Throwing there breaks the promise
 * too.
 */
export async function runCase<Context extends { close(): Promise<void> }>(
  conformanceCase: ConformanceCase<Context>,
  open: (name: string) => Promise<Context>,
): Promise<CaseOutcome> {
  const { name } = conformanceCase
  const context = await open(name)
  const outcome = await tryCase(conformanceCase, context)
  try {
    await context.close()
    return outcome
  } catch (error) {
    return outcome.outcome === 'broken' ? outcome : broken(conformanceCase, error)
  }
}

async function tryCase<Context>(conformanceCase: ConformanceCase<Context>, context: Context): Promise<CaseOutcome> {
  const { name } = conformanceCase
  try {
    const reason = conformanceCase.skip?.(context)
    if (reason !== undefined) return { name, outcome: 'skipped', reason }
    await conformanceCase.run(context)
    return { name, outcome: 'kept' }
  } catch (error) {
    return broken(conformanceCase, error)
  }
}

function broken(
  { name, promise = name }: Pick<ConformanceCase<never>, 'name' | 'promise'>,
  error: unknown,
): CaseOutcome {
  return { name, outcome: 'broken', error: violationOf(promise, error) }
}
