import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { startEds } from '../eds.js'

let project: string

beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'eds-drivers-'))
})
afterEach(() => rm(project, { recursive: true }))

/** Installs driver packages into the project: name → code of the definition's own parts. */
async function install(drivers: Readonly<Record<string, string>>): Promise<void> {
  const dependencies = Object.fromEntries(Object.keys(drivers).map((name) => [name, '*']))
  await writeFile(join(project, 'package.json'), JSON.stringify({ dependencies }))
  for (const [name, code] of Object.entries(drivers)) {
    const folder = join(project, 'node_modules', name)
    await mkdir(folder, { recursive: true })
    const eds = { driver: '.', schemes: [name] }
    const manifest = { name, version: '3.1.4', type: 'module', exports: './driver.js', eds }
    await writeFile(join(folder, 'package.json'), JSON.stringify(manifest))
    await writeFile(join(folder, 'driver.js'), `export default ${code}`)
  }
}

const sound = `{
  apiVersion: 1, name: 'lake', title: 'A lake', description: 'D', exampleUrl: 'lake://host', schemes: ['lake'],
  config: { safeParse() {} }, parse() {}, format() {}, traits() {}, create() {},
}`

async function list(...words: string[]) {
  const eds = startEds(['driver', 'list', ...words], { cwd: project })
  return { code: await eds.done, stdout: eds.stdout(), stderr: eds.stderr() }
}

it('shows own drivers and those of others, with their versions', async () => {
  await install({ lake: sound })
  const { code, stdout, stderr } = await list()
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(/^lake +A lake +lake 3\.1\.4 +lake:\/\/host$/m)
  expect(stdout).toMatch(/^postgres +PostgreSQL +@eds\/driver-postgres \d+\.\d+\.\d+ +postgres:/m)
})

it('says which one is made for another contract, and shows the others all the same', async () => {
  await install({ lake: sound, pond: '{ apiVersion: 2 }' })
  const { code, stdout, stderr } = await list('--json')
  expect(code).toBe(3)
  const names = (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(['lake', 'postgres']))
  expect(stderr).toContain('"pond" 3.1.4 is made for version 2 of the driver contract, this program knows version 1')
  expect(stderr).toContain('install a version of the driver that fits')
})

it('shows those that the configuration file lists', async () => {
  await install({ lake: sound })
  await writeFile(join(project, 'package.json'), '{}')
  expect((await list()).stdout).not.toContain('A lake')
  await writeFile(join(project, 'eds.config.yaml'), 'drivers: [lake]\nsinks: wrong\n')
  expect((await list()).stdout).toMatch(/^lake +A lake +lake 3\.1\.4 +lake:\/\/host$/m)
})
