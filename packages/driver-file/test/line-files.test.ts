import { appendFile, mkdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import type { FileConfig } from '../src/index.js'
import { never, Place } from './fixtures/driver.js'
import { batch, eventOf, numbered } from './fixtures/events.js'
import { filesIn, temporaryFolder } from './fixtures/folder.js'

let place: Place
let folder: string

beforeEach(async () => {
  place = await Place.make()
  folder = place.folder
})

function connected(config: Partial<FileConfig> = {}) {
  return place.connected({ format: 'ndjson', ...config })
}

function lines(...numbers: readonly number[]): string {
  return numbers.map((number) => `${numbered(number).bytes}\n`).join('')
}

const current = () => join(folder, 'order', 'current.ndjson')

describe('one file per table', () => {
  it('appends the bytes as they came, one event per line, in order', async () => {
    const driver = await connected()
    const pretty = JSON.stringify(JSON.parse(`${numbered(2).bytes}`), null, 1)
    await driver.write(batch(numbered(1), eventOf(pretty), numbered(3, 'customer')), never)
    await driver.write(batch(numbered(4)), never)
    expect(await filesIn(folder)).toEqual({
      'customer/current.ndjson': `${numbered(3, 'customer').bytes}\n`,
      'order/current.ndjson': `${lines(1)}${pretty.replaceAll('\n', ' ')}\n${lines(4)}`,
    })
  })

  it('writes more lines at once than one system call takes', async () => {
    const events = Array.from({ length: 3_000 }, (_, index) => numbered(index, 'order', index % 7))
    await (await connected()).write(batch(...events), never)
    expect(await readFile(current(), 'utf8')).toBe(events.map(({ bytes }) => `${bytes}\n`).join(''))
  })

  it('writes more tables at once than it keeps open', async () => {
    const driver = await connected()
    const events = [1, 2].map((round) => Array.from({ length: 300 }, (_, index) => numbered(round, `table ${index}`)))
    for (const round of events) await driver.write(batch(...round), never)
    const files = await filesIn(folder)
    expect(Object.keys(files)).toHaveLength(300)
    expect(files['table 299/current.ndjson']).toBe(
      `${numbered(1, 'table 299').bytes}\n${numbered(2, 'table 299').bytes}\n`,
    )
  })

  it('goes on with the file after a restart', async () => {
    const first = await connected()
    await first.write(batch(numbered(1)), never)
    await first.close()
    await (await connected()).write(batch(numbered(2)), never)
    expect(await readFile(current(), 'utf8')).toBe(lines(1, 2))
  })
})

describe('after a crash', () => {
  it.each([
    ['a line in part', '{"half":'],
    ['only a part of the first line', '{"half":', ''],
    ['bytes that never reached the disk', '\u0000'.repeat(5_000)],
    ['such bytes with lines behind them', `{"torn":${'\u0000'.repeat(200)}"}\n{"whole":true}\n`],
    ['a very long line in part', `"${'x'.repeat(300_000)}`],
  ])('cuts off %s', async (_, rest, before = lines(1)) => {
    await mkdir(join(folder, 'order'))
    await writeFile(current(), before + rest)
    await (await connected()).write(batch(numbered(2)), never)
    expect(await readFile(current(), 'utf8')).toBe(before + lines(2))
  })
})

describe('a batch that fails', () => {
  it('is taken back from every table, so that it is there once when it comes again', async () => {
    const driver = await connected()
    await driver.write(batch(numbered(1), numbered(1, 'customer')), never)
    await mkdir(join(folder, 'broken', 'current.ndjson'), { recursive: true })
    const next = batch(numbered(2), numbered(2, 'customer'), numbered(2, 'new'), numbered(2, 'broken'))
    await expect(driver.write(next, never)).rejects.toMatchObject({ code: 'configuration' })
    expect(await filesIn(folder)).toEqual({
      'customer/current.ndjson': `${numbered(1, 'customer').bytes}\n`,
      'new/current.ndjson': '',
      'order/current.ndjson': lines(1),
    })
    await rm(join(folder, 'broken'), { recursive: true })
    await driver.write(next, never)
    expect(await readFile(current(), 'utf8')).toBe(lines(1, 2))
    expect(place.context.warnings).toEqual([])
  })

  it('is taken back when it is aborted in the middle', async () => {
    const driver = await connected()
    await driver.write(batch(numbered(1)), never)
    const abort = new AbortController()
    const events = Array.from({ length: 5_000 }, (_, index) => numbered(index, `table ${index % 20}`, 200))
    const write = driver.write(batch(...events), abort.signal)
    setImmediate(() => abort.abort())
    await expect(write).rejects.toMatchObject({ code: 'connection' })
    const files = await filesIn(folder)
    expect(files['order/current.ndjson']).toBe(lines(1))
    expect(Object.values(files).join('')).toBe(lines(1))
  })
})

describe('somebody else changes the files', () => {
  it.each([
    ['removed the file', () => rm(current())],
    ['removed the folder', () => rm(join(folder, 'order'), { recursive: true })],
    ['moved the file away', () => rename(current(), join(folder, 'order', 'moved'))],
    ['emptied the file', () => truncate(current())],
  ])('%s: goes on with an empty one', async (_, change) => {
    const driver = await connected()
    await driver.write(batch(numbered(1)), never)
    await change()
    await driver.write(batch(numbered(2)), never)
    expect(await readFile(current(), 'utf8')).toBe(lines(2))
  })

  it('appended a line in part: cuts it off', async () => {
    const driver = await connected()
    await driver.write(batch(numbered(1)), never)
    await appendFile(current(), `${lines(7)}half`)
    await driver.write(batch(numbered(2)), never)
    expect(await readFile(current(), 'utf8')).toBe(lines(1, 7, 2))
  })

  it('put a symbolic link in its place: refuses to follow it', async () => {
    const driver = await connected()
    await driver.write(batch(numbered(1)), never)
    const victim = join(await temporaryFolder(), 'victim')
    await writeFile(victim, 'untouched')
    await rm(current())
    await symlink(victim, current())
    await expect(driver.write(batch(numbered(2)), never)).rejects.toMatchObject({ code: 'configuration' })
    expect(await readFile(victim, 'utf8')).toBe('untouched')
  })
})

describe('rotation', () => {
  const length = Buffer.byteLength(lines(1))

  it('begins a new file before one grows beyond the size', async () => {
    const driver = await connected({ rotateSize: `${length * 2}` })
    for (const number of [1, 2, 3, 4, 5]) await driver.write(batch(numbered(number)), never)
    expect(await filesIn(folder)).toEqual({
      'order/20250101T120000000Z.ndjson': lines(1, 2),
      'order/20250101T120000000Z_1.ndjson': lines(3, 4),
      'order/current.ndjson': lines(5),
    })
  })

  it('does not cut a batch that is larger by itself', async () => {
    const driver = await connected({ rotateSize: `${length}` })
    await driver.write(batch(numbered(1), numbered(2), numbered(3)), never)
    await driver.write(batch(numbered(4)), never)
    expect(Object.values(await filesIn(folder))).toEqual([lines(1, 2, 3), lines(4)])
  })

  it('begins a new file when one is old, also for a table that nothing comes for', async () => {
    const driver = await connected({ rotateInterval: '1h' })
    await driver.write(batch(numbered(1), numbered(1, 'quiet')), never)
    place.context.clock.time += 3_599_999
    await driver.write(batch(numbered(2)), never)
    place.context.clock.time += 1
    await driver.write(batch(numbered(3)), never)
    expect(await filesIn(folder)).toEqual({
      'order/20250101T130000000Z.ndjson': lines(1, 2),
      'order/current.ndjson': lines(3),
      'quiet/20250101T130000000Z.ndjson': `${numbered(1, 'quiet').bytes}\n`,
    })
  })

  it('knows the age of a file after a restart', async () => {
    const first = await connected({ rotateInterval: '1h' })
    place.context.clock.time = Date.now()
    await first.write(batch(numbered(1)), never)
    await first.close()
    place.context.clock.time = Date.now() + 3_600_000
    await (await connected({ rotateInterval: '1h' })).write(batch(numbered(2)), never)
    expect(Object.values(await filesIn(folder))).toEqual([lines(1), lines(2)])
  })
})
