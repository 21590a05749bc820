import type { FileHandle } from 'node:fs/promises'
import { array, assert, asyncProperty, integer } from 'fast-check'
import { expect, it } from 'vitest'
import { appendPieces } from '../src/append-pieces.js'

/** A file in memory that takes at most so many bytes per call, in turn. */
function reluctantFile(limits: readonly number[]) {
  const bytes: number[] = []
  let calls = 0
  const writev = async (pieces: readonly Uint8Array[], position: number) => {
    const limit = limits[calls++ % limits.length] ?? 0
    expect(pieces.length).toBeLessThanOrEqual(1_024)
    const taken = Buffer.concat(pieces).subarray(0, limit)
    taken.forEach((byte, index) => {
      bytes[position + index] = byte
    })
    return { bytesWritten: taken.length, buffers: pieces }
  }
  // Only `writev` is used, and only with these arguments.
  return { bytes, handle: { writev } as unknown as Pick<FileHandle, 'writev'> }
}

it('writes everything, however little a call takes', async () => {
  const piecesOf = array(integer({ min: 0, max: 20 }), { maxLength: 3_000 })
  await assert(
    asyncProperty(piecesOf, array(integer({ min: 1, max: 9_000 }), { minLength: 1 }), async (lengths, limits) => {
      const pieces = lengths.map((length, index) => Buffer.alloc(length, index % 251))
      const { bytes, handle } = reluctantFile(limits)
      await appendPieces(handle, pieces, 0, () => false)
      expect(Buffer.from(bytes).equals(Buffer.concat(pieces))).toBe(true)
    }),
    { numRuns: 50 },
  )
})

it('fails when nothing more is taken', async () => {
  const { handle } = reluctantFile([3, 0])
  await expect(appendPieces(handle, [Buffer.from('four')], 0, () => false)).rejects.toMatchObject({ code: 'EIO' })
})

it('stops between two calls', async () => {
  const { bytes, handle } = reluctantFile([10_000])
  const pieces = Array.from({ length: 2_000 }, () => Buffer.from('x'))
  await expect(appendPieces(handle, pieces, 0, () => bytes.length > 0)).rejects.toMatchObject({ code: 'connection' })
  expect(bytes).toHaveLength(1_024)
})
