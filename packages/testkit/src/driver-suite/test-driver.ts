import { registerCases, withExceptions } from '../conformance/register.js'
import { DriverCaseContext } from './case-context.js'
import { driverCases } from './cases.js'
import type { DriverSuiteOptions } from './options.js'

/**
 * Registers the conformance suite of a driver with Vitest: one test per promise of the contract, chosen by the driver's traits and
 * facets. What does not apply is skipped with its reason.
 *
 * ```ts
 * testDriver({ definition: postgres, url: () => server.url, read: (table) => server.rows(table) })
 * ```
 */
export function testDriver<Config>(options: DriverSuiteOptions<Config>): void {
  const title = options.title ?? `${options.definition.title} keeps the driver contract`
  const cases = withExceptions(driverCases, options.exceptions)
  const sized = { ...options, ...sizeFromEnvironment() }
  registerCases(title, cases, (name) => DriverCaseContext.open(sized, name), { timeoutMs: sized.timeoutMs })
}

/** `EDS_TEST_SHOP_EVENTS=200000` makes the workload longer without editing a test, and the limits of the cases with it. */
function sizeFromEnvironment(): Pick<DriverSuiteOptions, 'shopEvents' | 'timeoutMs'> {
  const wanted = Number(process.env.EDS_TEST_SHOP_EVENTS)
  return Number.isInteger(wanted) && wanted > 0 ? { shopEvents: wanted, timeoutMs: 1_800_000 } : {}
}
