import type { FileHandle } from 'node:fs/promises'
import { EdsError } from '../errors.js'
import type { Position } from '../position.js'
import type { DeadLetter, DeadLetterStatus } from './dead-letter.js'
import { type DeadLetterLine, decodeLine, type LetterTrial } from './dead-letter-line.js'
import { readBytes, readLines } from './read-lines.js'

/** Where a letter stands in its file, and what has become of it. */
export interface IndexedLetter {
  readonly status: DeadLetterStatus
  /** What became of it since it was written there. */
  readonly tried?: LetterTrial
  readonly offset: number
  /** Bytes, without the line break. */
  readonly length: number
}

export interface DeadLetterIndex {
  readonly letters: Map<Position, IndexedLetter>
  /** Behind the last complete line. What follows was being written when the process died. */
  readonly size: number
}

export function isWaiting(status: DeadLetterStatus): boolean {
  return status === 'open' || status === 'parked'
}

/**
 * Reads a dead-letter file once, as far as byte `end`, and keeps where each letter is; of several with one id, the last.
 *
 * @throws EdsError `configuration` naming the line that cannot be read.
 */
export async function indexLetters(handle: FileHandle, path: string, end?: number): Promise<DeadLetterIndex> {
  const letters = new Map<Position, IndexedLetter>()
  let size = 0
  let number = 0
  for await (const { text, offset, length } of readLines(handle, end)) {
    const line = readLine(text, `line ${++number} of ${path}`)
    size = offset + length + 1
    if (line.kind === 'letter') letters.set(line.letter.id, { status: line.letter.status, offset, length })
    else setStatus(letters, line.id, line.status, line.tried)
  }
  return { letters, size }
}

/** Gives a letter a new status; passes unknown ids over. */
export function setStatus(
  letters: Map<Position, IndexedLetter>,
  id: Position,
  status: DeadLetterStatus,
  tried?: LetterTrial,
): void {
  const known = letters.get(id)
  if (known) letters.set(id, { ...known, status, ...(tried && { tried }) })
}

/** Reads letters from the file one by one, in position order. */
export async function* readLetters(
  handle: FileHandle,
  letters: Iterable<readonly [Position, IndexedLetter]>,
  path: string,
): AsyncGenerator<DeadLetter> {
  const sorted = [...letters].sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0))
  for (const [, { status, tried, offset, length }] of sorted) {
    const line = readLine((await readBytes(handle, offset, length)).toString('utf8'), `byte ${offset} of ${path}`)
    if (line.kind === 'letter') yield { ...line.letter, status, ...tried }
  }
}

function readLine(text: string, place: string): DeadLetterLine {
  try {
    return decodeLine(text)
  } catch (cause) {
    const fix = 'repair that line, or move the file away and keep it'
    throw new EdsError('configuration', `${place} is not a dead letter`, { cause, fix })
  }
}
