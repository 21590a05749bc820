import { createReadStream } from 'node:fs'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'

const newline = 10

/**
 * The lines of a file, unpacked when its name ends in `.gz`, as they are read: blocks of whole lines, without the last line break;
 * memory stays flat.
 *
 * @param onBytes - told how many bytes of the file were read
 */
export async function* readLineBlocks(
  path: string,
  onBytes: (bytes: number) => void,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      onBytes(chunk.length)
      done(null, chunk)
    },
  })
  const unpack = path.endsWith('.gz') ? [createGunzip({ chunkSize: 64 * 1024 })] : []
  const output = unpack[0] ?? count
  const flow = pipeline([createReadStream(path), count, ...unpack], { signal })
  // Its rejection is that of the iteration below; when nobody iterates any more it must not go unhandled.
  flow.catch(() => {})
  let rest: Buffer[] = []
  for await (const chunk of output as AsyncIterable<Buffer>) {
    const end = chunk.lastIndexOf(newline)
    if (end < 0) rest.push(chunk)
    else {
      const last = chunk.subarray(0, end)
      yield rest.length === 0 ? last : Buffer.concat([...rest, last])
      rest = end + 1 < chunk.length ? [chunk.subarray(end + 1)] : []
    }
  }
  await flow
  if (rest.length > 0) yield Buffer.concat(rest)
}

/** The lines of a block, taken apart so many at a time. Their bytes are those of the block. */
export function* linesOf(block: Buffer, maxLines: number): Generator<Buffer[]> {
  let lines: Buffer[] = []
  for (let start = 0; start <= block.length; ) {
    const found = block.indexOf(newline, start)
    const end = found < 0 ? block.length : found
    lines.push(block.subarray(start, end))
    start = end + 1
    if (lines.length < maxLines) continue
    yield lines
    lines = []
  }
  if (lines.length > 0) yield lines
}
