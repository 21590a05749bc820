import { createHash } from 'node:crypto'
import { EdsError, type Position, padSequence } from '@eds/core'

/** A place between two lines of a set of files. */
export interface FilePlace {
  /** Which file of the set, from 0. */
  readonly index: number
  /** Bytes in front of the place, after decompression. */
  readonly offset: number
  /** Digest of the file's name, so that another file in its place is noticed. */
  readonly name: string
}

const format = /^(\d{16})\.(\d{16})\.([0-9a-f]{12})$/

/** `<index>.<offset behind the line>.<digest of the file's name>`: sorts in reading order. */
export function toPosition({ index, offset, name }: FilePlace): Position {
  return `${padSequence(index)}.${padSequence(offset)}.${name}`
}

/** @throws EdsError `gap` for a position that no file source has made. */
export function fromPosition(position: Position): FilePlace {
  const [, index, offset, name] = format.exec(position) ?? []
  if (index === undefined || offset === undefined || name === undefined) {
    throw new EdsError('gap', `"${position}" is not a position in files`, {
      fix: 'was the source of this sink changed?',
    })
  }
  return { index: Number(index), offset: Number(offset), name }
}

/** The digest that stands for a file's name in positions. */
export function nameDigest(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 12)
}
