import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { usageError } from '../exit-codes.js'

/** The places in a data directory. */
export interface DataDirectory {
  readonly path: string
  readonly state: string
  readonly deadLetters: string
  readonly controlFile: string
}

export function dataDirectoryAt(path: string): DataDirectory {
  return {
    path,
    state: join(path, 'state'),
    deadLetters: join(path, 'dead-letter'),
    controlFile: join(path, 'control.json'),
  }
}

/** Makes the directory when it is missing, readable for its owner only. */
export async function makeDataDirectory(path: string): Promise<DataDirectory> {
  try {
    const made = await mkdir(path, { recursive: true, mode: 0o700 })
    if (made !== undefined) await chmod(path, 0o700)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw usageError(`cannot make the data directory ${path} (${code})`, 'choose another with --data-dir')
  }
  return dataDirectoryAt(path)
}

/** Writes a file, readable for its owner only, such that it is there whole or not at all. */
export async function writePrivateFile(path: string, content: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`
  try {
    await writeFile(temporary, content, { mode: 0o600 })
    await rename(temporary, path)
  } finally {
    await rm(temporary, { force: true })
  }
}
