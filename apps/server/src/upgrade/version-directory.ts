import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { gt, valid } from 'semver'
import { z } from 'zod'
import { writePrivateFile } from '../host/data-directory.js'
import { jsonOf } from './npm.js'
import { packageName } from './published-version.js'

const currentFile = z.object({ version: z.string().refine((text) => valid(text) !== null) })

/** `<data-dir>/versions`: each version in a folder of its own, and `current.json`, which names the one to run. */
export class VersionDirectory {
  readonly path: string

  constructor(dataDirectory: string) {
    this.path = join(dataDirectory, 'versions')
  }

  folderOf(version: string): string {
    return join(this.path, version)
  }

  packageIn(folder: string): string {
    return join(folder, 'node_modules', packageName)
  }

  programOf(version: string): string {
    return programIn(this.packageIn(this.folderOf(version)))
  }

  /** An empty folder to install into, such that a folder under a version's name is always whole. */
  async makeFolder(version: string): Promise<string> {
    const folder = join(this.path, `.${version}.new`)
    await rm(folder, { recursive: true, force: true })
    await mkdir(folder, { recursive: true, mode: 0o700 })
    return folder
  }

  /** The version chosen last, when it is newer than the one that asks: who installs a newer one by other means gets that. */
  async newerThan(own: string): Promise<string | undefined> {
    const text = await readFile(join(this.path, 'current.json'), 'utf8').catch(() => '')
    const chosen = currentFile.safeParse(jsonOf(text)).data?.version
    return chosen !== undefined && gt(chosen, own) ? chosen : undefined
  }

  async choose(version: string): Promise<void> {
    await writePrivateFile(join(this.path, 'current.json'), `${JSON.stringify({ version })}\n`)
  }

  async forgetChoice(): Promise<void> {
    await rm(join(this.path, 'current.json'), { force: true })
  }
}

export function programIn(packageDirectory: string): string {
  return join(packageDirectory, 'bin', 'eds.js')
}
