import { describe, it } from 'vitest'
import { type ConformanceCase, runCase } from './conformance-case.js'

/** Registers cases with Vitest: one test each. A case that does not apply is reported as skipped, with its reason. */
export function registerCases<Context extends { close(): Promise<void> }>(
  title: string,
  cases: readonly ConformanceCase<Context>[],
  open: (name: string) => Promise<Context>,
): void {
  describe(title, () => {
    for (const conformanceCase of cases) {
      it(conformanceCase.name, async (test) => {
        const result = await runCase(conformanceCase, open)
        if (result.outcome === 'skipped') test.skip(result.reason)
        if (result.outcome === 'broken') throw result.error
      })
    }
  })
}
