import type { ConformanceCase } from '../conformance/conformance-case.js'
import type { SourceCaseContext } from './case-context.js'

export type SourceCase = ConformanceCase<SourceCaseContext>

export function waitsForMore({ options }: SourceCaseContext): string | undefined {
  return options.ends ? 'the source ends where its stream ends' : undefined
}

export function remembers({ options }: SourceCaseContext): string | undefined {
  return options.remembers === false ? 'the source remembers no cursors' : undefined
}
