import { padSequence } from '@eds/core'
import { foreignPosition } from '../place.js'

/** A change's place in an outbox. */
export interface OutboxPlace {
  /** When the outbox was made, epoch milliseconds. */
  readonly created: number
  readonly sequence: number
}

/** `1732168000000_0000000000000042`. */
export function outboxBase({ created, sequence }: OutboxPlace): string {
  return `${created}_${padSequence(sequence)}`
}

/** @throws EdsError `gap` for what is no such text. */
export function readOutboxBase(base: string): OutboxPlace {
  const match = /^(\d{13})_(\d{16,})$/.exec(base)
  if (match === null) throw foreignPosition(base, 'triggers')
  return { created: Number(match[1]), sequence: Number(match[2]) }
}

/** Rises with every change, also over an outbox that was made anew. `logical` 1 is for the rows of a snapshot behind the change. */
export function outboxMvcc({ created, sequence }: OutboxPlace, logical: 0 | 1): string {
  return `${created}${padSequence(sequence)}.000000000${logical}`
}
