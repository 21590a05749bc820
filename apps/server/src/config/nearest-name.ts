/** More differences than these are another word. */
const mostDifferences = 3
const leastSimilarity = 0.6

/** ` (did you mean "lastName"?)` for the candidate that is spelt most like a name; nothing when none is like it. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const nearest = nearestName(name, candidates)
  return nearest === undefined ? '' : ` (did you mean "${nearest}"?)`
}

/** Upper case, `_` and `-` do not count, so that `last_name` is near `lastName`; of several that are as near the first one holds. */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  let nearest: { readonly candidate: string; readonly distance: number } | undefined
  const wanted = bare(name)
  for (const candidate of candidates) {
    const found = bare(candidate)
    const distance = editDistance(wanted, found)
    const similarity = 1 - distance / Math.max(wanted.length, found.length, 1)
    if (distance > mostDifferences || similarity <= leastSimilarity) continue
    if (nearest === undefined || distance < nearest.distance) nearest = { candidate, distance }
  }
  return nearest?.candidate
}

function bare(name: string): string {
  return name.toLowerCase().replace(/[_-]/g, '')
}

/** Letters to insert, remove or replace, and neighbours to swap: optimal string alignment. */
function editDistance(first: string, second: string): number {
  if (Math.abs(first.length - second.length) > mostDifferences) return Number.POSITIVE_INFINITY
  let beforeLast: number[] = []
  let last = Array.from({ length: second.length + 1 }, (_, column) => column)
  for (let row = 1; row <= first.length; row++) {
    const next = [row]
    for (let column = 1; column <= second.length; column++) {
      const isSame = first[row - 1] === second[column - 1]
      const isSwapped = first[row - 1] === second[column - 2] && first[row - 2] === second[column - 1]
      next[column] = Math.min(
        (last[column] ?? 0) + 1,
        (next[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (isSame ? 0 : 1),
        isSwapped ? (beforeLast[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      )
    }
    beforeLast = last
    last = next
  }
  return last[second.length] ?? 0
}
