import { createReadStream } from 'node:fs'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'

const newline = 10

/**
 * The lines of a file, unpacked when its name ends in `.gz`, in chunks as they are read; memory stays flat.
 *
 * @param onBytes - told how many bytes of the file were read
 */
export async function* readLines(
  path: string,
  onBytes: (bytes: number) => void,
  signal: AbortSignal,
): AsyncGenerator<readonly string[]> {
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      onBytes(chunk.length)
      done(null, chunk)
    },
  })
  const unpack = path.endsWith('.gz') ? [createGunzip({ chunkSize: 256 * 1024 })] : []
  const last = unpack[0] ?? count
  const flow = pipeline([createReadStream(path), count, ...unpack], { signal })
  // Its rejection is that of the iteration below; when nobody iterates any more it must not go unhandled.
  flow.catch(() => {})
  let rest: Buffer[] = []
  for await (const chunk of last as AsyncIterable<Buffer>) {
    const end = chunk.lastIndexOf(newline)
    if (end < 0) rest.push(chunk)
    else {
      const complete = Buffer.concat([...rest, chunk.subarray(0, end)])
      yield complete.toString('utf8').split('\n')
      rest = end + 1 < chunk.length ? [chunk.subarray(end + 1)] : []
    }
  }
  await flow
  if (rest.length > 0) yield Buffer.concat(rest).toString('utf8').split('\n')
}
