import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type DriverDescription, type DriverNames, namesOf } from './describe-driver.js'
import { type Layout, wayToRoot } from './layout.js'
import { manifestOf } from './manifest.js'
import { testedVersions } from './versions.js'

/** A new package: path with forward slashes, from its folder → content. */
export type DriverFiles = ReadonlyMap<string, string>

const templates = fileURLToPath(new URL('../template', import.meta.url))

/** Files that would mean something where the template is: npm and Biome would heed them. */
const fileNames: ReadonlyMap<string, string> = new Map([
  ['gitignore', '.gitignore'],
  ['biome-config.json', 'biome.json'],
])

/**
 * Makes all files of a new driver package. Reads the template and writes nothing.
 *
 * @throws Error that says what is wrong with the description.
 */
export async function driverFiles(
  description: DriverDescription,
  layout: Layout = { in: 'folder' },
  now = new Date(),
): Promise<DriverFiles> {
  const names = namesOf(description)
  const fill = filler(names, layout, now)
  const manifest = manifestOf(names, layout, testedVersions())
  const files = new Map([['package.json', `${JSON.stringify(manifest, null, 2)}\n`]])
  for (const folder of ['common', layout.in, description.kind]) {
    for (const [path, text] of await readTemplate(folder)) files.set(path, fill(text))
  }
  return files
}

async function readTemplate(folder: string): Promise<[path: string, text: string][]> {
  const root = join(templates, folder)
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return Promise.all(
    files.sort().map(async (file) => {
      const path = relative(root, file).split(sep).join('/')
      return [fileNames.get(path) ?? path, await readFile(file, 'utf8')] as [string, string]
    }),
  )
}

/** Puts the names where the template has their placeholders: `__name__`, `__Class__`, … */
function filler(names: DriverNames, layout: Layout, now: Date): (text: string) => string {
  const values: Readonly<Record<string, string>> = {
    name: names.name,
    Class: names.className,
    title: names.title,
    scheme: names.scheme,
    package: names.packageName,
    year: String(now.getUTCFullYear()),
    root: layout.in === 'workspace' ? wayToRoot(layout) : '.',
    commands: commandsIn(layout, names),
  }
  return (text) => text.replace(/__([A-Za-z]+)__/g, (placeholder, key: string) => values[key] ?? placeholder)
}

/** What checks the package, for its README. */
function commandsIn(layout: Layout, { packageName }: DriverNames): string {
  if (layout.in === 'workspace')
    return `\`npx vitest run --project ${packageName}\`, \`npx tsc --build ${layout.directory}\``
  const scripts = ['build', 'lint', 'typecheck', 'check-package'].map((script) => `\`npm run ${script}\``)
  return [...scripts, '`npm test`'].join(', ')
}
