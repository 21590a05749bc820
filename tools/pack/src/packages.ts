import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A package that is published. */
export interface Package {
  readonly name: string
  readonly directory: string
  readonly dependencies: readonly string[]
  readonly peers: readonly string[]
  readonly optionalPeers: readonly string[]
}

interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
}

export const workspaceDirectory = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))))

/** Every package of the workspace that is not private, by name. */
export async function publishedPackages(): Promise<Package[]> {
  const folders = await Promise.all(['packages', 'apps', 'tools'].map(foldersIn))
  const found = await Promise.all(folders.flat().map(readPackage))
  return found.flatMap((each) => each ?? []).sort((left, right) => (left.name < right.name ? -1 : 1))
}

/** The packages of this workspace that installing one brings along, itself included. */
export function withInternal(wanted: Package, all: readonly Package[]): Package[] {
  const byName = new Map(all.map((each) => [each.name, each]))
  const found = new Set<Package>()
  const add = (each: Package): void => {
    if (found.has(each)) return
    found.add(each)
    const names = [...each.dependencies, ...each.peers.filter((name) => !each.optionalPeers.includes(name))]
    for (const name of names) {
      const internal = byName.get(name)
      if (internal) add(internal)
    }
  }
  add(wanted)
  return [...found]
}

async function foldersIn(group: string): Promise<string[]> {
  const directory = join(workspaceDirectory, group)
  return (await readdir(directory)).map((name) => join(directory, name))
}

async function readPackage(directory: string): Promise<Package | undefined> {
  const text = await readFile(join(directory, 'package.json'), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const manifest = JSON.parse(text) as Manifest
  if (manifest.private) return undefined
  const peers = manifest.peerDependenciesMeta ?? {}
  return {
    name: manifest.name,
    directory,
    dependencies: Object.keys(manifest.dependencies ?? {}),
    peers: Object.keys(manifest.peerDependencies ?? {}),
    optionalPeers: Object.keys(peers).filter((name) => peers[name]?.optional),
  }
}
