import { expect, it } from 'vitest'
import { loadCodec } from '../src/codecs.js'

const missing = () => Promise.reject(new Error('not found'))

it.each([
  ['snappy', 'kafkajs-snappy'],
  ['lz4', 'kafkajs-lz4'],
  ['zstd', '@kafkajs/zstd'],
])('%s without its package says which to install', async (compression, name) => {
  await expect(loadCodec(compression, missing)).rejects.toMatchObject({
    code: 'configuration',
    fix: expect.stringContaining(`npm install ${name}`),
  })
})

it.each(['none', 'gzip'])('%s needs none', async (compression) => {
  expect(await loadCodec(compression, missing)).toBeUndefined()
})

it('takes each package as it exports its codec', async () => {
  const codec = { compress: 1 }
  class Lz4 {
    readonly codec = codec
  }
  expect(await loadCodec('snappy', async () => ({ default: codec }))).toBe(codec)
  expect(await loadCodec('lz4', async () => ({ default: Lz4 }))).toBe(codec)
  expect(await loadCodec('zstd', async () => ({ default: () => codec }))).toBe(codec)
})
