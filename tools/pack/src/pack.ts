import { join } from 'node:path'
import type { Package } from './packages.js'
import { eachOf, run } from './run.js'

/** Packs as `npm publish` would. Resolves to the tarballs by package name. */
export async function packAll(packages: readonly Package[], target: string): Promise<Map<string, string>> {
  const words = ['pack', '--json', '--ignore-scripts', '--pack-destination', target]
  const entries = await eachOf(packages, 2, async ({ name, directory }) => {
    const [packed] = JSON.parse(await run('npm', words, directory)) as [{ filename: string; files: { path: string }[] }]
    checkFiles(
      name,
      packed.files.map(({ path }) => path),
    )
    return [name, join(target, packed.filename)] as const
  })
  return new Map(entries)
}

const wanted = ['LICENSE', 'README.md', 'package.json']
const unwanted = /(?:^|\/)(?:test|out-tsc|node_modules)\/|\.tsbuildinfo$|\.test\./

function checkFiles(name: string, paths: readonly string[]): void {
  const missing = wanted.filter((path) => !paths.includes(path))
  if (missing.length > 0) throw new Error(`${name}: the package lacks ${missing.join(', ')}`)
  const odd = paths.filter((path) => !path.startsWith('template/') && unwanted.test(path))
  if (odd.length > 0) throw new Error(`${name}: the package holds ${odd.slice(0, 3).join(', ')}`)
}
