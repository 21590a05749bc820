import { readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { never, Place } from './fixtures/driver.js'
import { temporaryFolder } from './fixtures/folder.js'

const place = await Place.make()

function driverFor(directory: string) {
  return place.driver({ directory })
}

describe('connect', () => {
  it('makes the directory and those around it', async () => {
    const folder = await temporaryFolder()
    await driverFor(join(folder, 'a', 'b', 'c')).connect(never)
    expect(await readdir(join(folder, 'a', 'b', 'c'))).toEqual([])
  })

  it('refuses a file in its place', async () => {
    const path = join(await temporaryFolder(), 'file')
    await writeFile(path, '')
    await expect(driverFor(path).connect(never)).rejects.toMatchObject({ code: 'configuration' })
    await expect(driverFor(join(path, 'below')).connect(never)).rejects.toMatchObject({ code: 'configuration' })
  })

  it('refuses a link to the root directory', async () => {
    const path = join(await temporaryFolder(), 'link')
    await symlink('/', path)
    await expect(driverFor(path).connect(never)).rejects.toMatchObject({
      code: 'configuration',
      message: `${path} leads to the root directory`,
    })
  })

  it.runIf(process.platform === 'linux')('comes back where no folder can be made', async () => {
    await expect(driverFor('/proc/eds/events').connect(never)).rejects.toMatchObject({ code: 'connection' })
  })
})

describe('probe', () => {
  it('tells about the directory and leaves nothing behind', async () => {
    const folder = await temporaryFolder()
    const directory = join(folder, 'a', 'b')
    const report = await driverFor(directory).probe!.test(never)
    expect(report.summary).toMatch(new RegExp(`^${directory} is writable, \\d+\\.\\d GB free, one file per event$`))
    expect(await readdir(folder)).toEqual([])
  })

  it('keeps a directory that was there', async () => {
    const folder = await temporaryFolder()
    await driverFor(folder).probe!.test(never)
    expect(await readdir(folder)).toEqual([])
  })

  it('says what is wrong', async () => {
    const path = join(await temporaryFolder(), 'file')
    await writeFile(path, '')
    await expect(driverFor(path).probe!.test(never)).rejects.toMatchObject({
      code: 'configuration',
      message: expect.stringContaining(path),
      fix: expect.stringContaining('another directory'),
    })
  })
})
