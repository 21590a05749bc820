import { appendFile, mkdir, rename, rm, truncate, utimes, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeEach, describe, expect, it } from 'vitest'
import { fileSource } from '../src/index.js'
import { temporaryFolder } from './fixtures/folder.js'
import { readAll, readTexts, requestOf } from './fixtures/reading.js'
import { VirtualClock } from './fixtures/virtual-clock.js'

let folder: string

beforeEach(async () => {
  folder = await temporaryFolder()
})

/** Writes a file of lines; compressed when its name says so. Gives its path. */
async function put(name: string, texts: readonly string[], ending = '\n'): Promise<string> {
  const text = Buffer.from(texts.join('\n') + (texts.length > 0 ? ending : ''))
  const path = join(folder, name)
  await writeFile(path, name.endsWith('.gz') ? gzipSync(text) : text)
  return path
}

function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `{"number":${from + index}}`)
}

function folderSource() {
  return fileSource({ paths: [folder] })
}

describe('fileSource', () => {
  it('reads the files of a folder sorted by name, compressed or not, and no others', async () => {
    await put('b.ndjson.gz', numbers(4, 6))
    await put('a.ndjson', numbers(1, 3))
    await put('c.jsonl', numbers(7, 7))
    await put('d.jsonl.gz', numbers(8, 9))
    await put('README.md', ['not an event'])
    await mkdir(join(folder, 'below'))
    await put('below/a.ndjson', ['not read'])
    expect(await readTexts(folderSource())).toEqual(numbers(1, 9))
  })

  it('reads files in the order in which they are named, whatever they are named', async () => {
    const paths = [await put('z', numbers(1, 2)), await put('a', numbers(3, 4))]
    expect(await readTexts(fileSource({ paths }))).toEqual(numbers(1, 4))
  })

  it('knows a compressed file by its content, also one of several members', async () => {
    const path = join(folder, 'plain-name')
    await writeFile(path, Buffer.concat([gzipSync('{"number":1}\n{"num'), gzipSync('ber":2}\n')]))
    expect(await readTexts(fileSource({ paths: [path] }))).toEqual(numbers(1, 2))
  })

  it('delivers in chunks of bounded size, with the time at which the file was modified', async () => {
    const path = await put('a.ndjson', numbers(1, 5_000))
    await utimes(path, 1_700_000_000, 1_700_000_000)
    const reader = await folderSource().open(requestOf())
    const chunks: number[] = []
    for await (const chunk of reader) {
      chunks.push(chunk.length)
      expect(new Set(chunk.map(({ time }) => time))).toEqual(new Set([1_700_000_000_000]))
    }
    expect(Math.max(...chunks)).toBe(1_000)
    expect(chunks.reduce((total, length) => total + length, 0)).toBe(5_000)
  })

  it.each(['a.ndjson', 'a.ndjson.gz'])('goes on from every position with exactly the rest: %s', async (name) => {
    await put(name, ['', ...numbers(1, 7), '', '\t'])
    await put('b.ndjson', numbers(8, 9), '')
    await put('c.ndjson.gz', numbers(10, 12))
    const deliveries = await readAll(folderSource())
    expect(deliveries).toHaveLength(12)
    const positions = deliveries.map(({ position }) => position)
    expect([...positions].sort()).toEqual(positions)
    for (const [index, { position }] of deliveries.entries()) {
      expect(position).toMatch(/^[0-9A-Za-z_.]{1,100}$/)
      expect(await readTexts(folderSource(), { after: position })).toEqual(numbers(index + 2, 12))
    }
  })

  it('goes on in the middle of a file of many blocks', async () => {
    const filler = 'x'.repeat(1_000)
    const texts = Array.from({ length: 2_000 }, (_, index) => `{"number":${index},"filler":"${filler}"}`)
    for (const name of ['a.ndjson', 'a.ndjson.gz']) {
      const source = fileSource({ paths: [await put(name, texts)] })
      const after = (await readAll(source))[1_234]!.position
      expect(await readTexts(source, { after })).toEqual(texts.slice(1_235))
    }
  })

  it('goes on with what was appended, and with files that were added behind', async () => {
    const path = await put('a.ndjson', numbers(1, 2), '')
    const after = (await readAll(folderSource())).at(-1)!.position
    await appendFile(path, `\n${numbers(3, 3)}\n`)
    await put('b.ndjson', numbers(4, 4))
    expect(await readTexts(folderSource(), { after })).toEqual(numbers(3, 4))
  })

  it('begins at the first file that was modified at the start time or later', async () => {
    for (const [index, name] of ['a', 'b', 'c'].entries()) {
      const path = await put(`${name}.ndjson`, numbers(index, index))
      await utimes(path, 1_000 + index, 1_000 + index)
    }
    expect(await readTexts(folderSource(), { start: { at: 'time', time: 1_001_000 } })).toEqual(numbers(1, 2))
    expect(await readTexts(folderSource(), { start: { at: 'time', time: 1_002_001 } })).toEqual([])
    expect(await readTexts(folderSource(), { start: { at: 'now' } })).toEqual(numbers(0, 2))
  })

  it('delivers a line that is too long as defective, cut off, and goes on behind it', async () => {
    const path = await put('a.ndjson', ['{}', 'x'.repeat(100_001), '[]'])
    const deliveries = await readAll(fileSource({ paths: [path], maxLineBytes: 100_000 }))
    expect(deliveries.map(({ bytes, defect }) => [bytes.length, defect])).toEqual([
      [2, undefined],
      [65_536, `a line of 100001 bytes in ${path} is longer than allowed`],
      [2, undefined],
    ])
    const after = deliveries[1]!.position
    expect(await readTexts(fileSource({ paths: [path] }), { after })).toEqual(['[]'])
  })

  it('keeps to a rate in small chunks', async () => {
    const path = await put('a.ndjson', numbers(1, 400))
    const clock = new VirtualClock()
    const begun = clock.now()
    const reader = await fileSource({ paths: [path], rate: 200, clock }).open(requestOf())
    for await (const chunk of reader) expect(chunk.length).toBeLessThanOrEqual(4)
    expect(clock.now() - begun).toBeGreaterThan(1_850)
    expect(clock.now() - begun).toBeLessThanOrEqual(2_000)
  })

  it('says how far behind it is once it knows', async () => {
    await put('a.ndjson', numbers(1, 3))
    const reader = await folderSource().open(requestOf())
    expect(reader.behind?.()).toBeUndefined()
    for await (const _ of reader);
    expect(reader.behind?.()).toBe(0)
  })

  it('ends when it is closed or aborted, also before it was read', async () => {
    await put('a.ndjson', numbers(1, 3_000))
    const abort = new AbortController()
    const aborted = await folderSource().open(requestOf({ signal: abort.signal }))
    const chunks = aborted[Symbol.asyncIterator]()
    await chunks.next()
    abort.abort()
    expect((await chunks.next()).done).toBe(true)
    const closed = await folderSource().open(requestOf())
    await closed.close()
    expect((await closed[Symbol.asyncIterator]().next()).done).toBe(true)
  })
})

describe('what cannot be read', () => {
  it('a file or folder that is not there', async () => {
    const path = join(folder, 'missing.ndjson')
    await expect(fileSource({ paths: [path] }).open(requestOf())).rejects.toMatchObject({
      code: 'configuration',
      message: expect.stringContaining(path),
    })
  })

  it('a folder without events', async () => {
    await expect(folderSource().open(requestOf())).rejects.toMatchObject({
      code: 'configuration',
      message: `the folder ${folder} holds no change events`,
    })
  })

  it('a device', async () => {
    await expect(fileSource({ paths: ['/dev/null'] }).open(requestOf())).rejects.toMatchObject({
      code: 'configuration',
    })
  })

  it('nothing', () => {
    expect(() => fileSource({ paths: [] })).toThrow('no file to read was named')
  })

  async function spoiled(spoil: (bytes: Buffer) => Buffer): Promise<{ path: string; texts: string[] }> {
    const texts = Array.from({ length: 40_000 }, (_, index) => `{"number":${index},"random":${Math.sin(index)}}`)
    const path = join(folder, 'a.ndjson.gz')
    await writeFile(path, spoil(gzipSync(texts.join('\n'))))
    return { path, texts }
  }

  it('a compressed file that is cut off: delivers what is whole, then names it', async () => {
    const { path, texts } = await spoiled((bytes) => bytes.subarray(0, -20))
    const reader = await folderSource().open(requestOf())
    const delivered: string[] = []
    const reading = (async () => {
      for await (const chunk of reader) delivered.push(...chunk.map(({ bytes }) => Buffer.from(bytes).toString()))
    })()
    const fix = 'the file was cut off: copy it again'
    await expect(reading).rejects.toMatchObject({ code: 'gap', message: expect.stringContaining(path), fix })
    expect(delivered.length).toBeGreaterThan(30_000)
    expect(delivered).toEqual(texts.slice(0, delivered.length))
  })

  it('a compressed file that is damaged', async () => {
    const { path } = await spoiled((bytes) => bytes.fill(0x55, 20_000, 20_100))
    const fix = 'the file is damaged: copy it again'
    const failure = { code: 'gap', message: expect.stringContaining(path), fix }
    await expect(readAll(folderSource())).rejects.toMatchObject(failure)
  })
})

describe('a set of files that has changed', () => {
  let after: string

  beforeEach(async () => {
    await put('b.ndjson', numbers(1, 3))
    await put('c.ndjson', numbers(4, 6))
    await put('d.ndjson.gz', numbers(7, 9))
    after = (await readAll(folderSource()))[4]!.position
  })

  const gap = (message: RegExp) => ({ code: 'gap', message: expect.stringMatching(message) })

  it.each([
    ['the file is gone', () => rm(join(folder, 'c.ndjson')), /file 2, .* is gone: it is .*d\.ndjson\.gz now/],
    ['files in front are gone', () => rm(join(folder, 'b.ndjson')), /c\.ndjson was file 2 and is now file 1/],
    ['a file came in front', () => put('a.ndjson', []), /c\.ndjson was file 2 and is now file 3/],
    [
      'the file is shorter',
      () => truncate(join(folder, 'c.ndjson'), 5),
      /c\.ndjson was read up to byte 26, but it has only 5 bytes now/,
    ],
    ['the file is empty', () => truncate(join(folder, 'c.ndjson'), 0), /c\.ndjson .* it has only 0 bytes now/],
    [
      'the file holds other lines',
      () => put('c.ndjson', ['{"something":"longer"}', '{"something":"longer"}']),
      /c\.ndjson .* no line ends there any more/,
    ],
  ])('%s', async (_, change, message) => {
    await change()
    await expect(readAll(folderSource(), { after })).rejects.toMatchObject(gap(message))
  })

  it('nothing remains', async () => {
    for (const name of ['b.ndjson', 'c.ndjson']) await rm(join(folder, name))
    await rename(join(folder, 'd.ndjson.gz'), join(folder, 'e.ndjson.gz'))
    await expect(readAll(folderSource(), { after })).rejects.toMatchObject(gap(/is gone: there are only 1/))
  })

  it('a compressed file is shorter', async () => {
    const end = (await readAll(folderSource()))[8]!.position
    await put('d.ndjson.gz', numbers(7, 7))
    await expect(readAll(folderSource(), { after: end })).rejects.toMatchObject(
      gap(/d\.ndjson\.gz .* it is shorter now/),
    )
  })

  it('a position from another source', async () => {
    await expect(readAll(folderSource(), { after: '42' })).rejects.toMatchObject(gap(/not a position in files/))
  })

  it('the whole folder was moved: goes on', async () => {
    const moved = join(await temporaryFolder(), basename(folder))
    await rename(folder, moved)
    expect(await readTexts(fileSource({ paths: [moved] }), { after })).toEqual(numbers(6, 9))
    await mkdir(folder)
  })
})
