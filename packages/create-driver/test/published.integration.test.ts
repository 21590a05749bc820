import { execFile } from 'node:child_process'
import { access, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { kinds } from '@eds/create-driver'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../../', import.meta.url))
/** What a stranger gets from the registry, by folder. */
const published = {
  create: 'packages/create-driver',
  core: 'packages/core',
  kit: 'packages/testkit',
  shop: 'tools/shop',
}
type Tarballs = Record<keyof typeof published, string>

/** Without what npm tells scripts about the workspace, and without Vitest's own settings. */
const strangersEnvironment = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(?:npm_(?!config_(?:registry|cache))|VITEST|NODE_ENV|EDS_)/i.test(name),
  ),
)

/** Runs a command to its end; what it said, also when it failed. */
async function command(cwd: string, file: string, ...words: string[]): Promise<string> {
  const options = { cwd, env: { ...strangersEnvironment, CI: 'true' }, maxBuffer: 2 ** 24 }
  const { stdout, stderr } = await promisify(execFile)(file, words, options).catch((error) => {
    throw new Error(`${file} ${words.join(' ')} failed:\n${error.stdout}\n${error.stderr}`, { cause: error })
  })
  return stdout + stderr
}

async function packAll(folder: string): Promise<Tarballs> {
  const libraries = Object.values(published).map((path) => `${path}/tsconfig.lib.json`)
  await command(root, 'npx', 'tsc', '--build', ...libraries)
  const workspaces = Object.values(published).flatMap((path) => ['--workspace', path])
  const said = await command(
    root,
    'npm',
    'pack',
    '--silent',
    '--ignore-scripts',
    '--pack-destination',
    folder,
    ...workspaces,
  )
  const names = said.split('\n').filter((line) => line.endsWith('.tgz'))
  const find = (part: string) => join(folder, names.find((name) => name.startsWith(part)) ?? 'missing')
  return { create: find('eds-create-driver'), core: find('eds-core'), kit: find('eds-testkit'), shop: find('eds-shop') }
}

/** As the registry would give them, which does not have them yet. */
async function useTarballs(project: string, { core, kit, shop }: Tarballs): Promise<void> {
  const path = join(project, 'package.json')
  const manifest = JSON.parse(await readFile(path, 'utf8'))
  manifest.devDependencies = { ...manifest.devDependencies, '@eds/core': `file:${core}`, '@eds/testkit': `file:${kit}` }
  manifest.overrides = { '@eds/shop': `file:${shop}` }
  await writeFile(path, `${JSON.stringify(manifest, null, 2)}\n`)
}

describe('a package made outside of this repository, from the packed packages', () => {
  let folder: string
  let tarballs: Tarballs

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'eds-stranger-'))
    tarballs = await packAll(folder)
    await mkdir(join(folder, 'tool'))
    await writeFile(join(folder, 'tool', 'package.json'), '{}')
    await command(join(folder, 'tool'), 'npm', 'install', '--no-audit', '--no-fund', tarballs.create)
  }, 300_000)

  afterAll(() => rm(folder, { recursive: true }))

  it.each(kinds)(
    '%s: installs, lints, builds, passes its tests and is fit to publish',
    async (kind) => {
      const project = join(folder, kind)
      const said = await command(
        folder,
        'tool/node_modules/.bin/create-driver',
        `eds-driver-${kind}-db`,
        '--kind',
        kind,
        '--directory',
        kind,
        '--yes',
      )
      expect(said).toContain('npm install')
      await useTarballs(project, tarballs)
      await command(project, 'npm', 'install', '--no-audit', '--no-fund')
      await Promise.all(['.gitignore', '.github/workflows/ci.yml'].map((path) => access(join(project, path))))
      await command(project, 'npm', 'run', 'lint')
      await command(project, 'npm', 'run', 'typecheck')
      await command(project, 'npm', 'run', 'build')
      const tests = await command(project, 'npm', 'test')
      expect(tests).toMatch(/Tests .*\d+ passed/)
      expect(tests).not.toMatch(/\d+ failed/)
      expect(await command(project, 'npm', 'run', 'check-package')).toContain('All good!')
      const found = await discoverFrom(project, `eds-driver-${kind}-db`)
      expect(found).toEqual([{ packageName: `eds-driver-${kind}-db`, version: '0.1.0', title: `${capital(kind)} Db` }])
    },
    300_000,
  )
})

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}

/** A host project that depends on the built driver, asked by the installed core which drivers it has. */
async function discoverFrom(project: string, name: string): Promise<unknown> {
  const host = join(project, 'dist', 'host')
  await mkdir(join(host, 'node_modules'), { recursive: true })
  await writeFile(join(host, 'package.json'), JSON.stringify({ type: 'module', dependencies: { [name]: '*' } }))
  await symlink(project, join(host, 'node_modules', name))
  const program = `
    import { discoverDrivers } from '@eds/core'
    const found = await discoverDrivers({ projectDirectory: ${JSON.stringify(host)} })
    const drivers = found.map(async ({ packageName, version, load }) => ({ packageName, version, title: (await load()).title }))
    console.log(JSON.stringify(await Promise.all(drivers)))`
  return JSON.parse(await command(project, 'node', '--input-type=module', '--eval', program))
}
