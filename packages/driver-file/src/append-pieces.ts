import type { FileHandle } from 'node:fs/promises'
import { abortedError } from './errors.js'

/** The most that `writev` takes in one call (IOV_MAX). */
const maxPieces = 1_024

/** Writes all pieces one behind the other, from `position` on. */
export async function appendPieces(
  handle: Pick<FileHandle, 'writev'>,
  pieces: readonly Uint8Array[],
  position: number,
  isStopped: () => boolean,
): Promise<void> {
  let at = position
  for (let first = 0; first < pieces.length; first += maxPieces) {
    if (isStopped()) throw abortedError()
    at += await writeWhole(handle, pieces.slice(first, first + maxPieces), at)
  }
}

/** A write may end early, on a disk that gets full for instance: then the rest is tried, which succeeds or tells the reason. */
async function writeWhole(handle: Pick<FileHandle, 'writev'>, pieces: Uint8Array[], position: number): Promise<number> {
  const bytes = pieces.reduce((total, piece) => total + piece.length, 0)
  let rest = pieces
  let done = 0
  while (done < bytes) {
    const { bytesWritten } = await handle.writev(rest, position + done)
    if (bytesWritten === 0) throw Object.assign(new Error('nothing more could be written'), { code: 'EIO' })
    done += bytesWritten
    if (done < bytes) rest = withoutFirst(rest, bytesWritten)
  }
  return bytes
}

function withoutFirst(pieces: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let left = bytes
  const from = pieces.findIndex((piece) => {
    if (left < piece.length) return true
    left -= piece.length
    return false
  })
  return pieces.slice(from).map((piece, index) => (index === 0 ? piece.subarray(left) : piece))
}
