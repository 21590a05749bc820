import type { ConformanceCase } from '../conformance/conformance-case.js'
import type { DriverCaseContext } from './case-context.js'

export type DriverCase = ConformanceCase<DriverCaseContext>

/** Skips a case that looks at rows where the destination keeps events. */
export function rowsOnly({ showsRows, title }: DriverCaseContext): string | undefined {
  return showsRows ? undefined : `${title} keeps events, not rows`
}
