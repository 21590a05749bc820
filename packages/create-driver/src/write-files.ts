import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { DriverFiles } from './driver-files.js'

/** What a folder may hold and still count as empty: what `git init` and file managers leave. */
const harmless: ReadonlySet<string> = new Set(['.git', '.DS_Store'])

/**
 * Fails unless the folder is empty or not there yet, so that nothing is ever overwritten.
 *
 * @throws Error that names the folder and what is in it.
 */
export async function demandEmptyFolder(folder: string): Promise<void> {
  const entries = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    if (error.code === 'ENOTDIR') throw new Error(`${folder} is a file: choose another name or --directory`)
    throw new Error(`cannot look into ${folder}: ${error.message}`, { cause: error })
  })
  const [found] = entries.filter((entry) => !harmless.has(entry))
  if (found === undefined) return
  throw new Error(`${folder} is not empty (it holds ${found}): choose another name or --directory`)
}

/** Writes all files below a folder, which must have been found empty. */
export async function writeFiles(folder: string, files: DriverFiles): Promise<void> {
  for (const [path, text] of files) {
    const file = join(folder, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text, { flag: 'wx' })
  }
}
