import type { Position } from '@eds/core'

/** No source puts two dots next to each other, and no character of a position sorts before a dot. */
const separator = '..'

/** A place in each of two sources; absent: nothing was read from it. */
export interface MergedPlace {
  readonly first?: Position
  readonly second?: Position
}

/** Sorts like delivery: with each event one half grows, and the other stays. */
export function mergePositions({ first = '', second = '' }: MergedPlace): Position {
  return second === '' ? first : `${first}${separator}${second}`
}

/** What {@link mergePositions} gave. A position without a second half is one of the first source alone. */
export function splitPosition(position: Position): MergedPlace {
  const at = position.lastIndexOf(separator)
  const first = at < 0 ? position : position.slice(0, at)
  const second = at < 0 ? '' : position.slice(at + separator.length)
  return { ...(first !== '' && { first }), ...(second !== '' && { second }) }
}
