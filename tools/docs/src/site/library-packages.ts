import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { workspaceDirectory } from '../workspace.js'

/** A published package that programs import. */
export interface LibraryPackage {
  readonly name: string
  readonly description: string
  readonly folder: string
  /** Its TypeScript entry, as an absolute path. */
  readonly entry: string
  /** True when its default export is a driver's definition. */
  readonly isDriver: boolean
}

interface Manifest {
  readonly name: string
  readonly description: string
  readonly private?: boolean
  readonly exports?: Readonly<Record<string, unknown>>
  readonly eds?: { readonly driver?: string }
}

/** The packages of `packages/` that have an entry to import, by name. */
export async function libraryPackages(root: string = workspaceDirectory): Promise<LibraryPackage[]> {
  const folders = (await readdir(join(root, 'packages'))).sort()
  const found = await Promise.all(folders.map((folder) => libraryIn(root, `packages/${folder}`)))
  return found.flat()
}

async function libraryIn(root: string, folder: string): Promise<LibraryPackage[]> {
  const file = join(root, folder, 'package.json')
  const entry = join(root, folder, 'src/index.ts')
  if (!existsSync(file) || !existsSync(entry)) return []
  const manifest = JSON.parse(await readFile(file, 'utf8')) as Manifest
  if (manifest.private || manifest.exports?.['.'] === undefined) return []
  const { name, description, eds } = manifest
  return [{ name, description, folder, entry, isDriver: eds?.driver !== undefined }]
}
