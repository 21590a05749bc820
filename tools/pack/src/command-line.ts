import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installInto } from './install.js'
import { lintTarball } from './lint-tarball.js'
import { packAll } from './pack.js'
import { type Package, publishedPackages, withInternal, workspaceDirectory } from './packages.js'
import { eachOf } from './run.js'
import { importFromJavaScript } from './use.js'

const maxCoreDependencies = 5

/** Packs every package, looks at the tarballs, installs each by itself and imports it. Resolves to the exit code. */
export async function main(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'eds-pack-'))
  try {
    const packages = await publishedPackages()
    const tarballs = await packAll(packages, folder)
    const problems = [
      ...(await licenceProblems(packages)),
      ...(await lintProblems(packages, tarballs)),
      ...coreProblems(packages),
    ]
    for (const problem of problems) process.stdout.write(`${problem}\n`)
    if (problems.length > 0) return 1
    await installEach(packages, tarballs, folder)
    return 0
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    return 1
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function licenceProblems(packages: readonly Package[]): Promise<string[]> {
  const licence = await readFile(join(workspaceDirectory, 'LICENSE'), 'utf8')
  const texts = await Promise.all(packages.map(({ directory }) => readFile(join(directory, 'LICENSE'), 'utf8')))
  return packages.filter((_, index) => texts[index] !== licence).map(({ name }) => `${name}: LICENSE is another one`)
}

async function lintProblems(packages: readonly Package[], tarballs: ReadonlyMap<string, string>): Promise<string[]> {
  const found = await eachOf(packages, 1, async ({ name }) =>
    (await lintTarball(tarballs.get(name) ?? '')).map((problem) => `${name}: ${problem}`),
  )
  return found.flat()
}

function coreProblems(packages: readonly Package[]): string[] {
  const count = packages.find(({ name }) => name === '@eds/core')?.dependencies.length ?? 0
  return count <= maxCoreDependencies ? [] : [`@eds/core: ${count} dependencies, ${maxCoreDependencies} at most`]
}

/** Prints how large each installation is. */
async function installEach(
  packages: readonly Package[],
  tarballs: ReadonlyMap<string, string>,
  folder: string,
): Promise<void> {
  process.stdout.write('package                     installed   packages\n')
  await eachOf(packages, 2, async (wanted) => {
    const directory = join(folder, 'install', wanted.name)
    const installed = await installInto(directory, withInternal(wanted, packages), tarballs)
    await importFromJavaScript(directory, wanted)
    const megabytes = `${(installed.bytes / 1e6).toFixed(1)} MB`
    process.stdout.write(
      `${wanted.name.padEnd(24)} ${megabytes.padStart(12)} ${String(installed.packages).padStart(10)}\n`,
    )
    await rm(directory, { recursive: true, force: true })
  })
}
