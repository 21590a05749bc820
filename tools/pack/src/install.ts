import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Package } from './packages.js'
import { run } from './run.js'

export interface Installed {
  readonly directory: string
  /** Of everything in `node_modules`. */
  readonly bytes: number
  /** How many packages there are, our own included. */
  readonly packages: number
}

/** Installs packages from their tarballs into an empty project, as a user gets them: without scripts, without what is optional. */
export async function installInto(
  directory: string,
  packages: readonly Package[],
  tarballs: ReadonlyMap<string, string>,
): Promise<Installed> {
  await mkdir(directory, { recursive: true })
  const dependencies = Object.fromEntries(packages.map(({ name }) => [name, `file:${tarballs.get(name)}`]))
  await writeFile(join(directory, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }))
  await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'], directory)
  const lock = JSON.parse(await readFile(join(directory, 'package-lock.json'), 'utf8')) as { packages: object }
  const present = Object.keys(lock.packages).filter((path) => path !== '')
  const modules = join(directory, 'node_modules')
  const there = await Promise.all(
    present.map((path) =>
      stat(join(directory, path)).then(
        () => 1,
        () => 0,
      ),
    ),
  )
  return { directory, bytes: await sizeOf(modules), packages: there.reduce<number>((sum, one) => sum + one, 0) }
}

async function sizeOf(directory: string): Promise<number> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  const sizes = await Promise.all(files.map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}
