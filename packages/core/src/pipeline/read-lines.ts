import type { FileHandle } from 'node:fs/promises'

export interface FileLine {
  readonly text: string
  /** Of its first byte. */
  readonly offset: number
  /** Bytes, without the line break. */
  readonly length: number
}

const chunkBytes = 256 * 1024

/**
 * The lines of a file that end with a line break, from its beginning, as far as byte `end`. Holds one chunk and one line at a
 * time.
 */
export async function* readLines(handle: FileHandle, end = Number.POSITIVE_INFINITY): AsyncGenerator<FileLine> {
  const chunk = Buffer.allocUnsafe(chunkBytes)
  let pending: Buffer[] = []
  let offset = 0
  for (let position = 0; ; ) {
    const { bytesRead } = await handle.read(chunk, 0, Math.min(chunkBytes, end - position), position)
    if (bytesRead === 0) return
    position += bytesRead
    const read = chunk.subarray(0, bytesRead)
    let from = 0
    for (let newline = read.indexOf('\n'); newline >= 0; newline = read.indexOf('\n', from)) {
      const line = Buffer.concat([...pending, read.subarray(from, newline)])
      yield { text: line.toString('utf8'), offset, length: line.length }
      pending = []
      offset += line.length + 1
      from = newline + 1
    }
    if (from < bytesRead) pending.push(Buffer.from(read.subarray(from)))
  }
}

/** Exactly these bytes of a file. Rejects when it ends before. */
export async function readBytes(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length)
  for (let done = 0; done < length; ) {
    const { bytesRead } = await handle.read(bytes, done, length - done, offset + done)
    if (bytesRead === 0) throw new Error(`the file ends before byte ${offset + length}`)
    done += bytesRead
  }
  return bytes
}
