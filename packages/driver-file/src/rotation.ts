/** When a file is finished and a new one begun. */
export interface Rotation {
  /** Not to grow beyond, bytes; one write that is larger by itself is not cut. */
  readonly maxBytes?: number
  /** Not to be written to for longer than, milliseconds. */
  readonly maxAgeMs?: number
}

export function isTooLarge({ maxBytes }: Rotation, bytes: number, bytesToCome: number): boolean {
  return maxBytes !== undefined && bytes > 0 && bytes + bytesToCome > maxBytes
}

export function isTooOld({ maxAgeMs }: Rotation, begunAt: number, now: number): boolean {
  return maxAgeMs !== undefined && now - begunAt >= maxAgeMs
}

/** The file that is being written to. Sorts behind all finished ones. */
export const currentName = 'current.ndjson'

/** Names for a file that is finished now, best first: `20250101T120000000Z.ndjson`, `20250101T120000000Z_1.ndjson`… in text order. */
export function* finishedNames(now: number): Generator<string> {
  const stamp = new Date(now).toISOString().replace(/[-:.]/g, '')
  yield `${stamp}.ndjson`
  for (let number = 1; ; number++) yield `${stamp}_${number}.ndjson`
}
