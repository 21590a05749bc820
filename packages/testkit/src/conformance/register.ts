import { describe, it } from 'vitest'
import { type ConformanceCase, runCase } from './conformance-case.js'

/** Longer than any limit of a suite's own, so that its message is seen and not Vitest's. */
const defaultTimeoutMs = 120_000

export interface RegisterOptions {
  /** When Vitest gives a case up, milliseconds. Default 120,000: Vitest's own 5,000 would cut off cases that wait for limits. */
  readonly timeoutMs?: number | undefined
}

/** Registers cases with Vitest: one test each. A case that does not apply is reported as skipped, with its reason. */
export function registerCases<Context extends { close(): Promise<void> }>(
  title: string,
  cases: readonly ConformanceCase<Context>[],
  open: (name: string) => Promise<Context>,
  { timeoutMs = defaultTimeoutMs }: RegisterOptions = {},
): void {
  describe(title, () => {
    for (const conformanceCase of cases) {
      it(conformanceCase.name, { timeout: timeoutMs }, async (test) => {
        const result = await runCase(conformanceCase, open)
        if (result.outcome === 'skipped') test.skip(result.reason)
        if (result.outcome === 'broken') throw result.error
      })
    }
  })
}

/**
 * The cases with those that the subject cannot keep skipped, for the reasons given by case name.
 *
 * @throws TypeError when there is no case of such a name.
 */
export function withExceptions<Context>(
  cases: readonly ConformanceCase<Context>[],
  exceptions: Readonly<Record<string, string>> = {},
): ConformanceCase<Context>[] {
  const unknown = Object.keys(exceptions).find(
    (name) => !cases.some((conformanceCase) => conformanceCase.name === name),
  )
  if (unknown !== undefined) throw new TypeError(`no case is named "${unknown}"`)
  return cases.map((conformanceCase) => ({
    ...conformanceCase,
    skip: (context) => exceptions[conformanceCase.name] ?? conformanceCase.skip?.(context),
  }))
}
