import type { ConformanceCase } from '../conformance/conformance-case.js'
import { registerCases } from '../conformance/register.js'
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
  const { exceptions = {} } = options
  const title = options.title ?? `${options.definition.title} keeps the driver contract`
  checkExceptions(exceptions)
  const cases = driverCases.map(
    (driverCase): ConformanceCase<DriverCaseContext<Config>> => ({
      ...driverCase,
      skip: (context) => exceptions[driverCase.name] ?? driverCase.skip?.(context),
    }),
  )
  registerCases(title, cases, (name) => DriverCaseContext.open(options, name))
}

function checkExceptions(exceptions: Readonly<Record<string, string>>): void {
  const known = new Set(driverCases.map(({ name }) => name))
  const unknown = Object.keys(exceptions).find((name) => !known.has(name))
  if (unknown !== undefined) throw new TypeError(`no case is named "${unknown}"`)
}
