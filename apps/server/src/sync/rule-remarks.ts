import type { ChangeEvent } from '@eds/core'
import type { ConfigProblem } from '@eds/sync'
import { didYouMean } from '../config/nearest-name.js'
import type { EventRule } from './event-rules.js'

/** What change events have by themselves; the columns are in `before` and `after`. */
const eventFields = [
  'operation',
  'id',
  'table',
  'key',
  'modelVersion',
  'companyId',
  'locationId',
  'userId',
  'before',
  'after',
  'diff',
  'timestamp',
  'mvccTimestamp',
  'imported',
] as const satisfies readonly (keyof ChangeEvent)[]

const known: ReadonlySet<string> = new Set(eventFields)

/** Rules that look at what no change event has, so that they never hold. `base`: where the rules stand. */
export function ruleRemarks(rules: readonly EventRule[], base: string): ConfigProblem[] {
  return rules.flatMap(({ where = {} }, index) =>
    Object.keys(where).flatMap((path) => {
      const message = remarkOn(path)
      return message === undefined ? [] : [{ path: `${base}[${index}].where[${JSON.stringify(path)}]`, message }]
    }),
  )
}

function remarkOn(path: string): string | undefined {
  const [field = '', column] = path.split('.')
  if (!known.has(field)) {
    return `never holds: change events have no "${field}"${didYouMean(field, eventFields)}; columns are in after and before`
  }
  if ((field === 'after' || field === 'before') && !column) return `never holds: name a column, such as ${field}.status`
  return undefined
}
