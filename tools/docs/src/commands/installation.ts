import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { workspaceDirectory } from '../workspace.js'

interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

/** The packages that an `npm install` names, without options, versions and comments. */
export function installedNames(commands: string): string[] {
  const words = commands.split('\n').flatMap((line) => line.replace(/#.*/, '').trim().split(/\s+/).slice(2))
  return words.filter((word) => word !== '' && !word.startsWith('-')).map((word) => word.replace(/(?<=.)@[^/]*$/, ''))
}

/** Rejects unless every package that is named is one that the workspace publishes, or one that its packages use. */
export async function checkInstallation(commands: string): Promise<void> {
  const manifests = await workspaceManifests()
  const own = manifests.filter((manifest) => !manifest.private).map(({ name }) => name)
  const used = manifests.flatMap((manifest) =>
    Object.keys({ ...manifest.dependencies, ...manifest.devDependencies, ...manifest.peerDependencies }),
  )
  const known = new Set([...own, ...used.filter((name) => !name.startsWith('@eds/')), 'vitest'])
  const unknown = installedNames(commands).filter((name) => !known.has(name))
  if (unknown.length > 0) throw new Error(`no package of ours, and none that we use: ${unknown.join(', ')}`)
}

async function workspaceManifests(): Promise<Manifest[]> {
  const folders = await Promise.all(
    ['packages', 'apps', 'tools'].map(async (parent) =>
      (await readdir(join(workspaceDirectory, parent))).map((name) => join(workspaceDirectory, parent, name)),
    ),
  )
  const texts = await Promise.all(
    folders.flat().map((folder) => readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined)),
  )
  return texts.flatMap((text) => (text === undefined ? [] : [JSON.parse(text) as Manifest]))
}
