import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { EdsError } from '@eds/core'
import { fileError } from './errors.js'
import { type FilePlace, nameDigest } from './file-position.js'

/** One file to read. */
export interface InputFile {
  readonly path: string
  /** See {@link nameDigest}. Without its folder, so that a set of files may be moved as a whole. */
  readonly name: string
  /** Bytes on the disk. */
  readonly size: number
  /** Last modified, epoch milliseconds. */
  readonly time: number
}

const readable = /\.(?:ndjson|jsonl)(?:\.gz)?$/

/** The files that paths stand for, in reading order: a file itself, a folder its NDJSON files sorted by name. */
export async function listFiles(paths: readonly string[]): Promise<InputFile[]> {
  const files: InputFile[] = []
  for (const path of paths) {
    try {
      const stats = await stat(path)
      if (stats.isDirectory()) files.push(...(await listFolder(path)))
      else if (stats.isFile()) files.push(toInputFile(path, stats))
      else throw new EdsError('configuration', `${path} is neither a file nor a folder`)
    } catch (error) {
      throw fileError(error, path)
    }
  }
  return files
}

async function listFolder(folder: string): Promise<InputFile[]> {
  const names = (await readdir(folder)).filter((name) => readable.test(name)).sort()
  if (names.length === 0) {
    const fix = 'put files named *.ndjson, *.jsonl, *.ndjson.gz or *.jsonl.gz there'
    throw new EdsError('configuration', `the folder ${folder} holds no change events`, { fix })
  }
  return Promise.all(names.map(async (name) => toInputFile(join(folder, name), await stat(join(folder, name)))))
}

function toInputFile(path: string, stats: { readonly size: number; readonly mtimeMs: number }): InputFile {
  return { path, name: nameDigest(basename(path)), size: stats.size, time: Math.floor(stats.mtimeMs) }
}

/**
 * The file in which a place is.
 *
 * @throws EdsError `gap` when it is not where it was, so that going on there could skip events.
 */
export function findPlace(files: readonly InputFile[], { index, name }: FilePlace): InputFile {
  const file = files[index]
  if (file?.name === name) return file
  const elsewhere = files.findIndex((candidate) => candidate.name === name)
  const moved = files[elsewhere]
  if (moved !== undefined) {
    throw changed(
      `${moved.path} was file ${index + 1} and is now file ${elsewhere + 1}: files were added or removed in front of it`,
    )
  }
  const what = file === undefined ? `there are only ${files.length}` : `it is ${file.path} now, another file`
  throw changed(`file ${index + 1}, which was read in part, is gone: ${what}`)
}

function changed(what: string): EdsError {
  const fix = 'put the files back as they were, or begin anew with another cursor'
  return new EdsError('gap', `the set of files has changed: ${what}`, { fix })
}
