import { EdsError } from '@eds/core'

/**
 * How far a cursor is with the rows that were there when it began: `none` (it is done, or was never wanted), `pending` (changes came while
 * it is still to be taken), `row` (in the middle of it), `last` (its last row).
 */
export type SnapshotState = 'none' | 'pending' | 'row' | 'last'

/** A position taken apart. */
export interface Place {
  /** Where the changes stand: what {@link Place} is relative to. */
  readonly base: string
  readonly snapshot: SnapshotState
}

const marks: Readonly<Record<string, SnapshotState>> = { p: 'pending', s: 'row', t: 'last' }

/** Position text → its parts. */
export function readPlace(position: string): Place {
  const match = /^(.*?)(?:_([pst])\d*)?$/.exec(position)
  return { base: match?.[1] ?? position, snapshot: marks[match?.[2] ?? ''] ?? 'none' }
}

/** The rows of a snapshot stand between the change that it follows and the next one, and sort there. */
export function snapshotPosition(base: string, row: string, isLast: boolean): string {
  return `${base}_${isLast ? 't' : 's'}${row}`
}

/** A change that is delivered while the snapshot is still to be taken, so that a crash does not forget it. */
export function pendingPosition(base: string): string {
  return `${base}_p`
}

/** True when reading from there on has to take a snapshot (again). */
export function needsSnapshot({ snapshot }: Place): boolean {
  return snapshot === 'pending' || snapshot === 'row'
}

/** @throws EdsError `gap` for a position that this way of capturing cannot have made. */
export function foreignPosition(position: string, mode: string): EdsError {
  return new EdsError('gap', `"${position}" is no position of the MySQL source in mode "${mode}"`, {
    fix: 'name the mode that the sink was begun with, or forget its position and start anew',
  })
}
