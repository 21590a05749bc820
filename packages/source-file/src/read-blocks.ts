import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { changedFile, fileError } from './errors.js'
import type { InputFile } from './file-set.js'

const blockBytes = 256 * 1_024
const newline = 0x0a
const carriageReturn = 0x0d

/**
 * The bytes of a file from an offset on, decompressed. The offset must be the end of a line.
 *
 * @throws EdsError `gap` when the file ends before the offset, no line ends there, or the compressed data is cut off or damaged.
 */
export async function* readBlocks(file: InputFile, offset: number): AsyncGenerator<Buffer> {
  try {
    const blocks = (await isCompressed(file.path)) ? decompressed(file.path, offset) : plain(file, offset)
    yield* offset === 0 ? blocks : behindLine(blocks, file.path, offset)
  } catch (error) {
    throw fileError(error, file.path)
  }
}

/** Whether a file is compressed, by its content. */
export async function isCompressed(path: string): Promise<boolean> {
  const handle = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0)
    return isGzip(buffer.subarray(0, bytesRead))
  } finally {
    await handle.close()
  }
}

/** Whether bytes begin as gzip does (RFC 1952); no JSON text does. */
export function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b
}

/** From the byte before the offset on, which tells whether a line ends there. */
function plain({ path }: InputFile, offset: number): AsyncIterable<Buffer> {
  return createReadStream(path, { start: Math.max(0, offset - 1), highWaterMark: blockBytes })
}

async function* decompressed(path: string, offset: number): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: blockBytes })
  // An error of either reaches the loop below through `gunzip`, which `pipeline` destroys with it.
  pipeline(createReadStream(path, { highWaterMark: blockBytes }), gunzip, () => {})
  let toSkip = Math.max(0, offset - 1)
  for await (const block of gunzip as AsyncIterable<Buffer>) {
    if (block.length > toSkip) yield block.subarray(toSkip)
    toSkip = Math.max(0, toSkip - block.length)
  }
}

/** Checks that a line ended in front of the offset, then goes on behind it. */
async function* behindLine(blocks: AsyncIterable<Buffer>, path: string, offset: number): AsyncGenerator<Buffer> {
  let head: Buffer = Buffer.alloc(0)
  let checked = false
  for await (const block of blocks) {
    if (checked) yield block
    else {
      head = Buffer.concat([head, block])
      if (head.length < 2) continue
      if (!endsLine(head)) throw changedFile(path, offset, 'no line ends there any more')
      checked = true
      yield head.subarray(1)
    }
  }
  if (head.length === 0) throw changedFile(path, offset, 'it is shorter now')
}

/** The last line of a file may have had no line break when it was read, and got one since. */
function endsLine(head: Buffer): boolean {
  return head[0] === newline || head[1] === newline || head[1] === carriageReturn
}
