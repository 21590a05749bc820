import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { driverFiles, kinds, writeFiles } from '@eds/create-driver'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const biome = join(root, 'node_modules/.bin/biome')

describe.each(kinds)('%s', (kind) => {
  it('leaves no placeholder and nothing to do in any file', async () => {
    for (const [path, text] of await driverFiles({ name: 'my-db', kind })) {
      expect(`${path}\n${text}`).not.toMatch(/__[A-Za-z]+__|TODO|FIXME/)
    }
  })

  it('has the files of every driver, and a README of 120 lines at most', async () => {
    const files = await driverFiles({ name: 'my-db', kind })
    const expected = ['src/index.ts', 'src/config.ts', 'src/describe.ts', 'src/driver.ts', 'src/encode.ts']
    const around = ['package.json', 'tsconfig.json', 'README.md', 'LICENSE', '.gitignore', '.github/workflows/ci.yml']
    expect([...files.keys()]).toEqual(expect.arrayContaining([...expected, ...around, 'test/conformance.test.ts']))
    expect(files.get('README.md')?.split('\n').length).toBeLessThanOrEqual(120)
    expect(files.get('src/index.ts')?.split('\n').length).toBeLessThanOrEqual(16)
  })

  it('is a member of a workspace when asked to', async () => {
    const files = await driverFiles(
      { name: 'my-db', kind },
      { in: 'workspace', directory: 'docs/examples/driver-my-db' },
    )
    expect(files.get('tsconfig.lib.json')).toContain('"../../../tsconfig.base.json"')
    expect(files.has('LICENSE')).toBe(false)
    const manifest = JSON.parse(files.get('package.json') ?? '')
    expect(manifest).toMatchObject({ private: true, nx: { tags: ['type:driver'] } })
  })
})

describe('formatting', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'eds-create-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  it.each(
    kinds.flatMap((kind) => ['q', 'my-db', `${'x'.repeat(12)}-${'y'.repeat(11)}`].map((name) => [kind, name] as const)),
  )('%s: the name %s passes the package’s own lint', async (kind, name) => {
    await writeFiles(folder, await driverFiles({ name, kind }))
    const { stdout } = await promisify(execFile)(biome, ['check', '.'], { cwd: folder })
    expect(stdout).toContain('No fixes applied')
  })
})

it('depends on the versions that this repository uses', async () => {
  const read = async (path: string) => JSON.parse(await readFile(join(root, path), 'utf8'))
  const { devDependencies, dependencies } = JSON.parse(
    (await driverFiles({ name: 'q', kind: 'http' })).get('package.json') ?? '',
  )
  const workspace = await read('package.json')
  for (const name of ['@biomejs/biome', '@types/node', 'typescript', 'vitest']) {
    expect(devDependencies[name]).toBe(workspace.devDependencies[name])
  }
  const core = await read('packages/core/package.json')
  expect(dependencies.zod).toBe(core.dependencies.zod)
  expect(devDependencies['@eds/core']).toBe(`^${core.version}`)
  expect(devDependencies['@eds/testkit']).toBe(`^${(await read('packages/testkit/package.json')).version}`)
})
