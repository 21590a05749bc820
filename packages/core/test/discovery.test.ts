import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { discoverDrivers, findDriver } from '../src/index.js'

let root: string

beforeEach(async () => {
  imported()
  root = await mkdtemp(join(tmpdir(), 'eds-discovery-'))
})

afterEach(() => rm(root, { recursive: true, force: true }))

async function write(path: string, content: unknown): Promise<void> {
  const file = join(root, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content))
}

const definition = (name: string, schemes: string[], extra = '') => `export default {
  apiVersion: 1, name: '${name}', title: 'T', description: 'D', exampleUrl: '${schemes[0]}://h', schemes: ${JSON.stringify(schemes)},
  config: { safeParse: () => ({}) }, parse() {}, format() {}, traits() {}, create() {}, ${extra}
}`

/** A package with an entry that tells, by a global, that it was imported. */
async function install(
  name: string,
  eds: object | undefined,
  code: string,
  at = `node_modules/${name}`,
): Promise<void> {
  await write(`${at}/package.json`, { name, version: '1.2.3', type: 'module', exports: './driver.js', eds })
  await write(`${at}/driver.js`, `(globalThis.imported ??= []).push('${name}')\n${code}`)
}

function imported(): unknown {
  const names = Reflect.get(globalThis, 'imported')
  Reflect.deleteProperty(globalThis, 'imported')
  return names
}

const names = (drivers: readonly { packageName: string }[]) => drivers.map(({ packageName }) => packageName).sort()
const failure = (message: string, fix?: string) =>
  expect.objectContaining({ code: 'configuration', message: expect.stringContaining(message), ...(fix ? { fix } : {}) })

describe('discoverDrivers', () => {
  it('finds direct dependencies only, without importing them', async () => {
    await write('package.json', {
      dependencies: { '@x/alpha': '1', plain: '1', absent: '1' },
      optionalDependencies: { beta: '1' },
      devDependencies: { gamma: '1' },
    })
    await install('@x/alpha', { driver: '.', schemes: ['alpha', 'al'] }, definition('alpha', ['alpha', 'al']))
    await install('beta', { driver: '.' }, definition('beta', ['beta']))
    await install('gamma', { driver: '.' }, definition('gamma', ['gamma']))
    await install('transitive', { driver: '.' }, definition('transitive', ['transitive']))
    await install('plain', undefined, '')
    const drivers = await discoverDrivers({ projectDirectory: root })
    expect(names(drivers)).toEqual(['@x/alpha', 'beta'])
    expect(drivers[0]).toMatchObject({ version: '1.2.3', schemes: ['alpha', 'al'] })
    expect(drivers[1]).not.toHaveProperty('schemes')
    expect(imported()).toBeUndefined()
  })

  it('adds what the configuration lists, by name or directory, once', async () => {
    await write('package.json', { dependencies: { alpha: '1' }, devDependencies: { gamma: '1' } })
    await install('alpha', { driver: '.' }, '')
    await install('gamma', { driver: '.' }, '')
    await install('local', { driver: '.' }, '', 'drivers/local')
    const drivers = await discoverDrivers({ projectDirectory: root, listed: ['alpha', 'gamma', './drivers/local'] })
    expect(names(drivers)).toEqual(['alpha', 'gamma', 'local'])
  })

  it('follows the links of a workspace and looks in the folders above', async () => {
    await write('apps/host/package.json', { dependencies: { linked: '1' } })
    await install('linked', { driver: '.' }, definition('linked', ['linked']), 'packages/linked')
    await mkdir(join(root, 'node_modules'))
    await symlink(join(root, 'packages/linked'), join(root, 'node_modules/linked'))
    const [driver] = await discoverDrivers({ projectDirectory: join(root, 'apps/host') })
    expect(driver?.directory.endsWith('packages/linked')).toBe(true)
    expect((await driver?.load())?.name).toBe('linked')
  })

  it('works without a project', async () => {
    expect(await discoverDrivers({ projectDirectory: root })).toEqual([])
  })

  it('tells what is wrong with a listed package', async () => {
    await install('plain', undefined, '')
    const discover = (listed: string) => discoverDrivers({ projectDirectory: root, listed: [listed] })
    await expect(discover('absent')).rejects.toThrow(failure('not installed', 'npm install absent'))
    await expect(discover('plain')).rejects.toThrow(failure('has no "eds"'))
  })

  it('tells what is wrong with a package.json', async () => {
    await write('package.json', '{')
    await expect(discoverDrivers({ projectDirectory: root })).rejects.toThrow(failure('not valid JSON'))
    await write('package.json', { dependencies: { alpha: '1' } })
    await install('alpha', { driver: '.', schemes: ['Alpha:'] }, '')
    await expect(discoverDrivers({ projectDirectory: root })).rejects.toThrow(
      failure('eds.schemes: must list URL schemes'),
    )
  })
})

describe('load', () => {
  async function load(code: string, driver = '.'): Promise<unknown> {
    await write('package.json', { dependencies: { alpha: '1' } })
    await install('alpha', { driver, schemes: ['alpha'] }, code)
    const drivers = await discoverDrivers({ projectDirectory: root })
    return drivers[0]?.load()
  }

  it('takes a file of the package as well as an export', async () => {
    expect(await load(definition('alpha', ['alpha']), './driver.js')).toMatchObject({ name: 'alpha' })
  })

  it('imports once', async () => {
    await write('package.json', { dependencies: { alpha: '1' } })
    await install('alpha', { driver: '.' }, definition('alpha', ['alpha']))
    const [driver] = await discoverDrivers({ projectDirectory: root })
    expect(await driver?.load()).toBe(await driver?.load())
    expect(imported()).toEqual(['alpha'])
  })

  it.each([
    ['export const x = 1', 'does not export a driver as its default'],
    ['export default {}', 'does not export a driver as its default'],
    ['export default { apiVersion: 2 }', 'is made for version 2 of the driver contract, this program knows version 1'],
    [
      definition('alpha', ['alpha'], 'create: 1, title: "", config: {}, schemes: []'),
      'wrong parts: title, create, schemes, config',
    ],
    ['throw new Error("broken inside")', 'cannot be loaded: broken inside'],
  ])('refuses %s', async (code, message) => {
    await expect(load(code)).rejects.toThrow(failure(`driver package "alpha" 1.2.3`))
    await expect(load(code)).rejects.toThrow(failure(message))
  })

  it('refuses an entry outside the package', async () => {
    await expect(load('', './../beta/driver.js')).rejects.toThrow(failure('which it does not export'))
  })
})

describe('findDriver', () => {
  async function find(url: string): Promise<unknown> {
    return findDriver(await discoverDrivers({ projectDirectory: root }), url)
  }

  beforeEach(async () => {
    await write('package.json', { dependencies: { alpha: '1', beta: '1' } })
    await install('alpha', { driver: '.', schemes: ['alpha', 'both'] }, definition('alpha', ['alpha', 'both']))
    await install('beta', { driver: '.', schemes: ['beta', 'both', 'false'] }, definition('beta', ['beta', 'both']))
  })

  it('imports nothing but the driver that it finds', async () => {
    expect(await find('ALPHA://u:p@ss#w/d@h')).toMatchObject({ name: 'alpha' })
    expect(imported()).toEqual(['alpha'])
  })

  it('asks the packages that do not tell their schemes', async () => {
    await install('beta', { driver: '.' }, definition('beta', ['beta']))
    expect(await find('beta://h')).toMatchObject({ name: 'beta' })
  })

  it('refuses to choose between two', async () => {
    await expect(find('both://h')).rejects.toThrow(
      failure('more than one driver for "both://": alpha 1.2.3 and beta 1.2.3'),
    )
  })

  it('names the package to install', async () => {
    await expect(find('mysql://u:hidden@h')).rejects.toThrow(
      failure('no driver for "mysql://"', 'npm install @eds/driver-mysql'),
    )
    await expect(find('postgresql://h')).rejects.toThrow(failure('no driver', 'npm install @eds/driver-postgres'))
  })

  it('lists the schemes that there are', async () => {
    const fix = 'use one of alpha://, beta://, both://, false://, or install a package with a driver for it'
    await expect(find('other://h')).rejects.toThrow(failure('no driver for "other://"', fix))
    await expect(findDriver([], 'other://h')).rejects.toThrow(
      failure('no driver', 'use one of (no driver is installed), or install a package with a driver for it'),
    )
  })

  it('refuses a claim that the definition does not keep', async () => {
    await expect(find('false://h')).rejects.toThrow(failure('claims "false://"'))
  })

  it('refuses what is no URL', async () => {
    await expect(find('hidden')).rejects.toThrow(failure('the destination is not a URL'))
  })
})
