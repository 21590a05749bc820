import { PassThrough, Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { fileSource } from '../src/index.js'
import { readAll, readTexts, requestOf } from './fixtures/reading.js'
import { VirtualClock } from './fixtures/virtual-clock.js'

function inputOf(...blocks: readonly (string | Buffer)[]) {
  return fileSource({
    paths: '-',
    input: Readable.from(blocks.map((block) => Buffer.from(block))),
    clock: new VirtualClock(),
  })
}

function texts(chunk: readonly { readonly bytes: Uint8Array }[] | undefined): string[] | undefined {
  return chunk?.map(({ bytes }) => Buffer.from(bytes).toString())
}

describe('standard input', () => {
  it('is read line by line, and ends', async () => {
    expect(await readTexts(inputOf('one\ntw', 'o\n\nthree'))).toEqual(['one', 'two', 'three'])
  })

  it('counts lines in positions that sort behind those of earlier runs', async () => {
    const first = (await readAll(inputOf('a\nb\n'))).map(({ position }) => position)
    expect(first).toEqual([
      `000${Date.UTC(2025, 0, 1)}.${'1'.padStart(16, '0')}`,
      `000${Date.UTC(2025, 0, 1)}.${'2'.padStart(16, '0')}`,
    ])
    const second = await readAll(inputOf('a\nc\n'), { after: first[1]! })
    expect(texts(second)).toEqual(['a', 'c'])
    expect(second[0]!.position > first[1]!).toBe(true)
  })

  it('goes on in a new reader behind what the last one was told is durable', async () => {
    const source = inputOf('1\n2\n3\n', '4\n5\n')
    const reader = await source.open(requestOf())
    const [chunk] = [(await reader[Symbol.asyncIterator]().next()).value]
    expect(texts(chunk)).toEqual(['1', '2', '3'])
    await reader.acknowledge(chunk[0])
    await reader.close()
    expect(await readTexts(source, { after: chunk[1].position })).toEqual(['3', '4', '5'])
  })

  it('repeats what was not acknowledged when no position is given', async () => {
    const source = inputOf('1\n2\n')
    const reader = await source.open(requestOf())
    await reader[Symbol.asyncIterator]().next()
    await reader.close()
    expect(await readTexts(source)).toEqual(['1', '2'])
  })

  it('cannot go back behind what was acknowledged, and says so', async () => {
    const source = inputOf('1\n2\n3\n')
    const reader = await source.open(requestOf())
    const { value } = await reader[Symbol.asyncIterator]().next()
    await reader.acknowledge(value[1])
    await reader.close()
    await expect(source.open(requestOf({ after: value[0].position }))).rejects.toMatchObject({ code: 'gap' })
    await expect(source.open(requestOf())).rejects.toMatchObject({ code: 'gap' })
  })

  it('lets a reader end while it waits, and loses nothing to it', async () => {
    const input = new PassThrough()
    const source = fileSource({ paths: '-', input })
    const reader = await source.open(requestOf())
    const waiting = reader[Symbol.asyncIterator]().next()
    await reader.close()
    expect((await waiting).done).toBe(true)
    input.end('1\n2\n')
    expect(await readTexts(source)).toEqual(['1', '2'])
  })

  it('is for one sink only', async () => {
    const source = inputOf('1\n')
    await source.open(requestOf())
    await expect(source.open(requestOf({ cursor: 'other' }))).rejects.toMatchObject({
      code: 'unsupported',
      message: 'standard input can be read by one sink only',
    })
  })

  it('that is compressed is refused', async () => {
    await expect(readAll(inputOf(gzipSync('1\n')))).rejects.toMatchObject({
      code: 'configuration',
      fix: 'pipe it through zcat',
    })
  })

  it('that breaks is an error, and remains one', async () => {
    const input = new PassThrough()
    const source = fileSource({ paths: '-', input })
    input.write('1\n')
    input.destroy(Object.assign(new Error('broken pipe'), { code: 'EIO' }))
    const failure = { code: 'connection', message: expect.stringContaining('broken pipe') }
    await expect(readAll(source)).rejects.toMatchObject(failure)
    await expect(readAll(source)).rejects.toMatchObject(failure)
  })

  it('knows how much remains once it has ended', async () => {
    const source = inputOf('1\n2\n')
    const reader = await source.open(requestOf())
    for await (const _ of reader);
    expect(reader.behind?.()).toBe(0)
  })
})
