import type { CapturedChange, Tuple } from './captured-change.js'
import type { TableShape } from './table-shape.js'
import { plainText, valueJson } from './value-json.js'

/** What an event says besides the change itself. */
export interface EventFrame {
  readonly region: string
  /** Unique, and the same when the change is delivered again. */
  readonly id: string
  readonly mvccTimestamp: string
}

/** A change as the event's JSON text. Pure. */
export function eventBytes(change: CapturedChange, frame: EventFrame): Buffer {
  const { operation, shape, before, after, time } = change
  const { table, modelVersion } = shape.definition
  const key = keyOf(shape, after ?? before ?? [])
  const head = JSON.stringify({ operation, id: frame.id, table, key: [frame.region, ...key], modelVersion })
  const parts = [head.slice(0, -1)]
  if (before) parts.push(`"before":${imageJson(shape, before)}`)
  if (after) parts.push(`"after":${imageJson(shape, after)}`)
  const diff = diffOf(change)
  if (diff) parts.push(`"diff":${JSON.stringify(diff)}`)
  parts.push(`"timestamp":${time}`, `"mvccTimestamp":"${frame.mvccTimestamp}"}`)
  return Buffer.from(parts.join(','))
}

function keyOf({ columns, keys }: TableShape, tuple: Tuple): string[] {
  return keys.map((at) => plainText(tuple[at] ?? '', columns[at]?.type.kind ?? 'text'))
}

function imageJson({ columns }: TableShape, tuple: Tuple): string {
  const members: string[] = []
  columns.forEach(({ name, type }, at) => {
    const value = tuple[at]
    if (value !== undefined) members.push(`${JSON.stringify(name)}:${value === null ? 'null' : valueJson(value, type)}`)
  })
  return `{${members.join(',')}}`
}

/** Known only when the whole row before is: a column that was not sent did not change. */
function diffOf({ operation, shape, before, after }: CapturedChange): string[] | undefined {
  if (operation !== 'UPDATE' || !before || !after) return undefined
  const isWhole = shape.columns.every((_, at) => before[at] !== undefined || after[at] === undefined)
  if (!isWhole) return undefined
  const changed = shape.columns.filter((_, at) => after[at] !== undefined && after[at] !== before[at])
  return changed.map(({ name }) => name)
}
