import { EdsError, type Position, padSequence } from '@eds/core'

/** A message's place in its stream: the sequence says where, the time lets a consumer be made anew by start time. */
export interface StreamPlace {
  readonly sequence: number
  /** When the server stored the message, epoch milliseconds, rounded down. */
  readonly time: number
}

const pattern = /^(\d{16})\.(\d{1,16})$/

/** `{sequence: 42, time: 1720732611708}` → `"0000000000000042.1720732611708"`. */
export function positionOf(place: StreamPlace): Position {
  return `${padSequence(place.sequence)}.${place.time}`
}

/** @throws EdsError `configuration` for a position that another source made. */
export function parsePosition(position: Position): StreamPlace {
  const match = pattern.exec(position)
  if (!match) {
    throw new EdsError('configuration', `"${position}" is not a position in a NATS stream`, {
      fix: 'this sink was fed by another source before: give it another name, or forget its position',
    })
  }
  return { sequence: Number(match[1]), time: Number(match[2]) }
}
