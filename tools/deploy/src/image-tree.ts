import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What is used of a `package.json`. */
export interface Manifest {
  readonly name: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly [field: string]: unknown
}

/** A workspace package and its folder, relative to the root. */
export interface Workspace {
  readonly folder: string
  readonly manifest: Manifest
}

const application = '@eds/server'
const driverPrefix = '@eds/driver-'
/** What of a package is needed to run it; besides, its manifest. */
const shipped = ['bin', 'dist', 'keys', 'release.json', 'release.sig', 'LICENSE']

/**
 * The workspaces that an image with these drivers needs, each manifest without the drivers that are left out and without what is for
 * development only. `all` stands for every driver.
 *
 * @throws Error naming a driver that does not exist
 */
export function planTree(workspaces: readonly Workspace[], drivers: readonly string[]): Workspace[] {
  const byName = new Map(workspaces.map((workspace) => [workspace.manifest.name, workspace]))
  for (const driver of drivers) {
    if (driver !== 'all' && !byName.has(driverPrefix + driver)) throw new Error(`there is no driver ${driver}`)
  }
  const wanted = (name: string) =>
    !name.startsWith(driverPrefix) || drivers.includes('all') || drivers.includes(name.slice(driverPrefix.length))
  const needed = new Map<string, Workspace>()
  const visit = (name: string, keep: (dependency: string) => boolean) => {
    const workspace = byName.get(name)
    if (workspace === undefined || needed.has(name)) return
    const manifest = slimManifest(workspace.manifest, keep)
    needed.set(name, { folder: workspace.folder, manifest })
    for (const dependency of Object.keys(manifest.dependencies ?? {})) visit(dependency, () => true)
  }
  visit(application, wanted)
  return [...needed.values()]
}

function slimManifest(manifest: Manifest, keep: (dependency: string) => boolean): Manifest {
  const { devDependencies: _development, peerDependencies: _peers, peerDependenciesMeta: _meta, ...rest } = manifest
  const dependencies = Object.entries(manifest.dependencies ?? {}).filter(([name]) => keep(name))
  return { ...rest, dependencies: Object.fromEntries(dependencies) }
}

/** Copies what an image needs of a built checkout into an empty folder, ready for `npm install --omit=dev`, with the locked versions. */
export async function writeTree(root: string, folder: string, drivers: readonly string[]): Promise<void> {
  const planned = planTree(await readWorkspaces(root), drivers)
  const { overrides } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { overrides?: unknown }
  await mkdir(folder, { recursive: true })
  const workspaces = planned.map((workspace) => workspace.folder)
  const manifest = { name: '@eds/image', private: true, type: 'module', workspaces, overrides }
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest))
  await cp(join(root, 'package-lock.json'), join(folder, 'package-lock.json'))
  for (const workspace of planned) await copyWorkspace(root, folder, workspace)
}

async function copyWorkspace(root: string, target: string, { folder, manifest }: Workspace): Promise<void> {
  const present = await readdir(join(root, folder))
  await mkdir(join(target, folder), { recursive: true })
  for (const entry of shipped.filter((name) => present.includes(name))) {
    await cp(join(root, folder, entry), join(target, folder, entry), { recursive: true })
  }
  await writeFile(join(target, folder, 'package.json'), JSON.stringify(manifest))
}

/** Every workspace below `packages`, `apps` and `tools`. */
export async function readWorkspaces(root: string): Promise<Workspace[]> {
  const found: Workspace[] = []
  for (const parent of ['packages', 'apps', 'tools']) {
    for (const entry of await readdir(join(root, parent))) {
      const folder = `${parent}/${entry}`
      const text = await readFile(join(root, folder, 'package.json'), 'utf8').catch(() => undefined)
      if (text !== undefined) found.push({ folder, manifest: JSON.parse(text) as Manifest })
    }
  }
  return found
}
