import { registerCases, withExceptions } from '../conformance/register.js'
import { SourceCaseContext } from './case-context.js'
import { sourceCases } from './cases.js'
import type { SourceSuiteOptions } from './options.js'

/**
 * Registers the conformance suite of a source with Vitest: one test per promise of the contract. What does not apply is skipped
 * with its reason.
 *
 * ```ts
 * testSource({ title: 'nats', create: () => nats(options), reset, publish, connection: proxy })
 * ```
 */
export function testSource(options: SourceSuiteOptions): void {
  const cases = withExceptions(sourceCases, options.exceptions)
  registerCases(options.title, cases, () => SourceCaseContext.open(options), { timeoutMs: options.timeoutMs })
}
