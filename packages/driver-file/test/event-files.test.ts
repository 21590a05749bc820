import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { decodeName } from '../src/index.js'
import { never, Place } from './fixtures/driver.js'
import { batch, event, eventOf, numbered } from './fixtures/events.js'
import { filesIn, temporaryFolder } from './fixtures/folder.js'

let place: Place
let folder: string

beforeEach(async () => {
  place = await Place.make()
  folder = place.folder
})

describe('one file per event', () => {
  it('writes the bytes as they came, named by second and key', async () => {
    const text = `${event().bytes}`.replace('{', '{ "unknown" : 1E+3,\n')
    const driver = await place.connected()
    await driver.write(batch(eventOf(text), numbered(2, 'customer')), never)
    expect(await filesIn(folder)).toEqual({
      'order/1720732611-row.json': text,
      'customer/1720732611-row-2.json': `${numbered(2, 'customer').bytes}`,
    })
  })

  it('leaves the last change of a row within a second, in one batch and over several', async () => {
    const driver = await place.connected()
    const change = (id: string) => event({ id, timestamp: 5_000 })
    await driver.write(batch(change('a'), change('b')), never)
    expect(await filesIn(folder)).toEqual({ 'order/5-row.json': `${change('b').bytes}` })
    await driver.write(batch(change('c')), never)
    expect(await filesIn(folder)).toEqual({ 'order/5-row.json': `${change('c').bytes}` })
  })

  it('writes a thousand files of many tables, and nothing else remains', async () => {
    const events = Array.from({ length: 1_000 }, (_, index) => numbered(index, `table-${index % 20}`, 500))
    await (await place.connected()).write(batch(...events), never)
    const files = await filesIn(folder)
    expect(Object.values(files).sort()).toEqual(events.map(({ bytes }) => `${bytes}`).sort())
    expect(Object.keys(files).filter((path) => path.endsWith('.tmp'))).toEqual([])
  })

  it('keeps hostile tables and keys inside, and their names can be read back', async () => {
    const hostile = ['../../outside', '..', '.', '/etc/outside', 'nul\u0000', 'a\\b', '\ud800', 'k'.repeat(300)]
    const outside = await temporaryFolder()
    await writeFile(join(outside, 'untouched'), '')
    const driver = await place.connected({ directory: join(outside, 'inside') })
    await driver.write(batch(...hostile.map((text) => event({ table: text, key: ['region', text] }))), never)
    const paths = Object.keys(await filesIn(outside)).filter((path) => path !== 'untouched')
    expect(paths).toHaveLength(hostile.length)
    expect(paths.every((path) => /^inside\/[^/]+\/[^/]+\.json$/.test(path))).toBe(true)
    const tables = paths.map((path) => decodeName(path.split('/')[1]!))
    expect(tables.sort()).toEqual([...hostile.slice(0, -1), undefined].sort())
  })

  it('makes a table folder again when somebody removed it', async () => {
    const driver = await place.connected()
    await driver.write(batch(numbered(1)), never)
    await rm(join(folder, 'order'), { recursive: true })
    await driver.write(batch(numbered(2)), never)
    expect(Object.keys(await filesIn(folder))).toEqual(['order/1720732611-row-2.json'])
  })

  it('replaces a symbolic link that has the name of an event instead of writing through it', async () => {
    const victim = join(await temporaryFolder(), 'victim')
    await writeFile(victim, 'untouched')
    await mkdir(join(folder, 'order'))
    await symlink(victim, join(folder, 'order', '1720732611-row.json'))
    await (await place.connected()).write(batch(event()), never)
    expect(await readFile(victim, 'utf8')).toBe('untouched')
    expect(await filesIn(folder)).toEqual({ 'order/1720732611-row.json': `${event().bytes}` })
  })

  it('uses temporary files that a crash left again', async () => {
    await place.context.state.write({ token: 'token' })
    await mkdir(join(folder, 'order'))
    await writeFile(join(folder, 'order', '.token-0.tmp'), 'half of something longer than the event'.repeat(100))
    await (await place.connected()).write(batch(event()), never)
    expect(await filesIn(folder)).toEqual({ 'order/1720732611-row.json': `${event().bytes}` })
  })
})

describe.each(['json', 'ndjson'] as const)('format %s', (format) => {
  it('refuses a symbolic link in the place of a table, wherever it leads', async () => {
    const outside = await temporaryFolder()
    await symlink(outside, join(folder, 'order'))
    const driver = await place.connected({ format })
    await expect(driver.write(batch(event()), never)).rejects.toMatchObject({
      code: 'configuration',
      message: expect.stringContaining(`${join(folder, 'order')}: is a symbolic link`),
    })
    expect(await filesIn(outside)).toEqual({})
  })

  it('refuses a file in the place of a table', async () => {
    await writeFile(join(folder, 'order'), '')
    const driver = await place.connected({ format })
    await expect(driver.write(batch(event()), never)).rejects.toMatchObject({ code: 'configuration' })
  })

  it('says so when it is written to without being connected', async () => {
    const driver = place.driver({ format })
    await expect(driver.write(batch(event()), never)).rejects.toMatchObject({ code: 'connection' })
  })
})
