import type { FileHandle } from 'node:fs/promises'

const firstSpan = 64 * 1_024
const newline = 0x0a

/**
 * Cuts off what a crash left behind the last whole line: a line that was written in part, or, after a power loss, bytes that never
 * reached the disk and read as NUL. None of it was ever reported as written. Gives the length that remains.
 */
export async function repairTail(handle: FileHandle, size: number): Promise<number> {
  let span = Math.min(size, firstSpan)
  let end = await soundEnd(handle, size, span)
  while (end === 0 && span < size) {
    span = Math.min(size, span * 2)
    end = await soundEnd(handle, size, span)
  }
  const length = size - span + end
  if (length < size) {
    await handle.truncate(length)
    await handle.datasync()
  }
  return length
}

/** Where the last whole line ends within the last `span` bytes; 0 when it does not end there. */
async function soundEnd(handle: FileHandle, size: number, span: number): Promise<number> {
  const tail = Buffer.allocUnsafe(span)
  const { bytesRead } = await handle.read(tail, 0, span, size - span)
  return wholeLinesEnd(tail.subarray(0, bytesRead))
}

/** The end of the last newline in front of the first NUL, 0 when there is none. JSON text never holds a NUL byte. */
export function wholeLinesEnd(tail: Buffer): number {
  const nul = tail.indexOf(0)
  return tail.lastIndexOf(newline, nul === -1 ? tail.length : nul) + 1
}
