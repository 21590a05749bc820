import { createWriteStream, type WriteStream } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'

/** Size of one file before it is packed: large enough for COPY to be efficient, small enough for any disk. */
const maxFileCharacters = 128 * 1024 * 1024
/** Lines are handed on in pieces of about this size. */
const pieceCharacters = 64 * 1024

/** Lines, each with its line break. */
export type Lines = AsyncGenerator<string>

/**
 * Writes lines to gzipped files of bounded size in a private folder, one after the other; `send` is called with the path of each, which
 * is removed before the next is written. The folder goes in any case.
 */
export async function writeFiles(
  lines: Lines,
  send: (path: string) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'eds-snowflake-'))
  try {
    await chmod(folder, 0o700)
    const source = new LineSource(lines)
    for (let number = 0; !(await source.isEmpty()); number++) {
      const path = join(folder, `rows_${number}.json.gz`)
      await pipeline(Readable.from(source.pieces()), createGzip({ level: 1 }), privateFile(path), { signal })
      await send(path)
      await rm(path)
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function privateFile(path: string): WriteStream {
  return createWriteStream(path, { mode: 0o600, flags: 'wx' })
}

/** Hands out lines, as many as fit into one file at a time. */
class LineSource {
  readonly #lines: Lines
  #next: IteratorResult<string> | undefined

  constructor(lines: Lines) {
    this.#lines = lines
  }

  async isEmpty(): Promise<boolean> {
    this.#next ??= await this.#lines.next()
    return this.#next.done === true
  }

  async *pieces(): AsyncGenerator<string> {
    let piece = ''
    for (let size = 0; size < maxFileCharacters && !(await this.isEmpty()); ) {
      const line: string = this.#next?.value ?? ''
      this.#next = undefined
      piece += line
      size += line.length
      if (piece.length < pieceCharacters) continue
      yield piece
      piece = ''
    }
    if (piece !== '') yield piece
  }
}
