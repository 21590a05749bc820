import { type EventPlace, type EventRange, placesOf, rangeLength } from './event.js'
import type { Head } from './head.js'

export interface Removal {
  readonly events: readonly EventPlace[]
  readonly firings: readonly string[]
}

/** Takes up to `limit` entries out of the trash, for the storage to remove. */
export function removeTrash({ trash, keptDue }: Head, limit: number): Removal {
  if (keptDue > 0) return { events: [], firings: [] }
  const events = takeRanges<EventRange>(trash.events, limit)
  const firings = takeRanges(trash.firings, limit)
  return {
    events: events.flatMap((range) => placesOf(range)),
    firings: firings.flatMap(({ writer, from, through }) =>
      Array.from({ length: through - from + 1 }, (_, index) => `${writer}-${from + index}`),
    ),
  }
}

/** True when a further step could remove something. */
export function hasTrash({ trash, keptDue }: Head): boolean {
  return keptDue === 0 && trash.events.length + trash.firings.length > 0
}

/** Joins ranges that touch, so that the trash stays small while nothing can be removed. */
export function compactTrash({ trash }: Head): void {
  trash.events = joined(trash.events, (left, right) => left.writer === right.writer && left.slot === right.slot)
  trash.firings = joined(trash.firings, (left, right) => left.writer === right.writer)
}

interface Numbers {
  readonly from: number
  readonly through: number
}

function joined<Range extends Numbers>(
  ranges: readonly Range[],
  alike: (left: Range, right: Range) => boolean,
): Range[] {
  const result: Range[] = []
  for (const range of ranges) {
    const index = result.findLastIndex((other) => alike(other, range) && other.through + 1 === range.from)
    const other = result[index]
    if (other === undefined) result.push(range)
    else result[index] = { ...other, through: range.through }
  }
  return result
}

function takeRanges<Range extends Numbers>(ranges: Range[], limit: number): Range[] {
  const taken: Range[] = []
  let left = limit
  while (left > 0) {
    const range = ranges.shift()
    if (range === undefined) break
    const through = Math.min(range.through, range.from + left - 1)
    taken.push({ ...range, through })
    if (through < range.through) ranges.unshift({ ...range, from: through + 1 })
    left -= rangeLength({ writer: '', slot: 0, from: range.from, through })
  }
  return taken
}
