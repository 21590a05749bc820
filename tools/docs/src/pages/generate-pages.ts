import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DriverDefinition } from '@eds/core'
import { type LibraryPackage, libraryPackages } from '../site/library-packages.js'
import { workspaceDirectory } from '../workspace.js'
import { driverPage } from './driver-page.js'
import { indexPage } from './index-page.js'
import { interfaceOptions } from './interface-options.js'
import { sourcePackages } from './source-packages.js'
import { sourcePage } from './source-page.js'

/** Pages by their path from the top of the repository. */
export type Pages = ReadonlyMap<string, string>

const driversText = `Destinations that come with EDS. Any installed package may be another one: see
[writing a driver](../writing-a-driver.md).`
const sourcesText = 'Where changes come from.'

/** Writes a page for each driver and each source. `load` imports a driver package by its name. */
export async function generatePages(load: (name: string) => Promise<DriverDefinition>): Promise<Pages> {
  const libraries = await libraryPackages()
  return new Map([...(await driverPages(libraries, load)), ...(await sourcePages(libraries))])
}

async function driverPages(
  libraries: readonly LibraryPackage[],
  load: (name: string) => Promise<DriverDefinition>,
): Promise<(readonly [string, string])[]> {
  const drivers = libraries.filter(({ isDriver }) => isDriver)
  const loaded = await Promise.all(drivers.map(async (library) => ({ library, definition: await load(library.name) })))
  const listed = loaded.map(({ definition: { title, description }, library }) => ({
    title,
    description,
    file: fileOf(library, 'driver'),
  }))
  return [
    ['docs/drivers/README.md', indexPage('Destinations', driversText, listed)],
    ...loaded.map(
      ({ definition, library }) =>
        [`docs/drivers/${fileOf(library, 'driver')}`, driverPage(definition, library)] as const,
    ),
  ]
}

async function sourcePages(libraries: readonly LibraryPackage[]): Promise<(readonly [string, string])[]> {
  const found = sourcePackages.flatMap((facts) => {
    const library = libraries.find(({ folder }) => folder === facts.folder)
    return library === undefined ? [] : [{ facts, library, file: fileOf(library, 'source') }]
  })
  const pages = found.map(async ({ facts, library, file }) => {
    const options = interfaceOptions(await textsIn(join(workspaceDirectory, facts.folder, 'src')), facts.options)
    return [`docs/sources/${file}`, sourcePage(facts, library, options)] as const
  })
  const listed = found.map(({ facts, library, file }) => ({
    title: facts.title,
    description: library.description,
    file,
  }))
  return [['docs/sources/README.md', indexPage('Sources', sourcesText, listed)], ...(await Promise.all(pages))]
}

/** `packages/driver-s3` → `s3.md` */
function fileOf({ folder }: LibraryPackage, kind: 'driver' | 'source'): string {
  return `${folder.slice(`packages/${kind}-`.length)}.md`
}

async function textsIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true })
  const files = entries.filter((entry) => entry.endsWith('.ts')).sort()
  return Promise.all(files.map((file) => readFile(join(directory, file), 'utf8')))
}
