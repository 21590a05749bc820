import { constants } from 'node:fs'
import { lstat, mkdir, open, realpath, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { EdsError } from '@eds/core'
import { fileError, nameOf } from './errors.js'

/** Answers of file systems that do not know how to synchronise a folder; their renames are as durable as they get. */
const cannotSynchronise = new Set(['EINVAL', 'ENOTSUP', 'EISDIR'])

/** Makes what was created, renamed or removed in a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    await handle.sync()
  } catch (error) {
    if (!cannotSynchronise.has(nameOf(error))) throw error
  } finally {
    await handle.close()
  }
}

/**
 * Makes a folder and those around it, durably. Gives those that were not there, outermost first.
 *
 * Not `mkdir` with `recursive`: that never comes back where a folder is refused with ENOENT, as in /proc.
 */
export async function makeFolders(path: string): Promise<string[]> {
  if ((await stat(path).catch(() => undefined))?.isDirectory()) return []
  const parent = dirname(path)
  const made = parent === path ? [] : await makeFolders(parent)
  const isNew = await makeFolder(path)
  await syncFolder(parent)
  return isNew ? [...made, path] : made
}

/** False when another process has just made it. */
async function makeFolder(path: string): Promise<boolean> {
  try {
    await mkdir(path)
    return true
  } catch (error) {
    if (nameOf(error) === 'EEXIST' && (await lstat(path)).isDirectory()) return false
    throw error
  }
}

/** The directory to write to: made when it is not there, free of symbolic links, writable. */
export async function prepareDirectory(directory: string, token: string): Promise<string> {
  await makeFolders(directory)
  const path = await realpath(directory)
  if (path === '/') throw new EdsError('configuration', `${directory} leads to the root directory`)
  await checkWritable(path, token)
  return path
}

/** Writes a small file and removes it. */
export async function checkWritable(directory: string, token: string): Promise<void> {
  const path = join(directory, `.${token}-check.tmp`)
  const handle = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW)
  try {
    await handle.writeFile('writable')
  } finally {
    await handle.close()
    await rm(path)
  }
}

/** The folder of a table, made when it is not there. A symbolic link in its place is refused, wherever it leads. */
export async function tableFolder(directory: string, name: string): Promise<string> {
  const path = join(directory, name)
  const found = await lstat(path).catch(ignoreMissing)
  if (found?.isDirectory()) return path
  if (found?.isSymbolicLink()) throw fileError(Object.assign(new Error('is a symbolic link'), { code: 'ELOOP' }), path)
  await makeFolder(path)
  await syncFolder(directory)
  return path
}

/** For a file that need not be there: `undefined` instead of ENOENT. */
export function ignoreMissing(error: unknown): undefined {
  if (nameOf(error) !== 'ENOENT') throw error
}
