import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { fnv1a, loadPartitionHash } from '../src/partition.js'

interface Fixture {
  readonly seed: number
  readonly count: number
  readonly firstHashes: readonly number[]
  /** Number of partitions → SHA-256 of the partition of each key, a byte each. */
  readonly digests: Readonly<Record<string, string>>
}

const fixture: Fixture = JSON.parse(readFileSync(new URL('fixtures/partitions.json', import.meta.url), 'utf8'))
const alphabet = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_ é漢']

/** The keys of `fixtures/partitions.py`. */
function randomKeys({ seed, count }: Fixture): string[] {
  let state = seed
  const draw = (limit: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state >>> 8) % limit
  }
  const key = () => Array.from({ length: 1 + draw(120) }, () => alphabet[draw(alphabet.length)]).join('')
  return Array.from({ length: count }, key)
}

const hashOf = await loadPartitionHash()
const hashes = randomKeys(fixture).map(hashOf)

it('hashes the first keys as an independent implementation does', () => {
  expect(hashes.slice(0, fixture.firstHashes.length)).toEqual(fixture.firstHashes)
})

it.each(Object.entries(fixture.digests))('puts 10,000 keys into %s partitions as it does', (partitions, digest) => {
  const bytes = Uint8Array.from(hashes, (hash) => hash % Number(partitions))
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(digest)
})

it('covers 1 to 64 partitions', () => {
  expect(Object.keys(fixture.digests)).toEqual(Array.from({ length: 64 }, (_, index) => String(index + 1)))
})

it.each([
  ['', 0x811c9dc5],
  ['a', 0xe40c292c],
  ['foobar', 0xbf9cf968],
])('FNV-1a of %j is the published one', (text, hash) => {
  expect(fnv1a(text)).toBe(hash)
})
