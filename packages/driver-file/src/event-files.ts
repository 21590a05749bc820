import { constants } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { ChangeEvent } from '@eds/core'
import { planFiles } from './encode.js'
import { fileError } from './errors.js'
import type { EventWriter } from './event-writer.js'
import { syncFolder, tableFolder } from './folder.js'
import { runLimited } from './run-limited.js'

/** Enough for the disk to synchronise several files at once; more gained nothing (Node has four threads for files). */
const filesAtOnce = 16

interface FileToWrite {
  readonly folder: string
  readonly name: string
  readonly bytes: Uint8Array
}

/**
 * `format=json`: one file per event. A file is written under a temporary name, synchronised and renamed, so that it is there whole or
 * not at all; in the end each folder is synchronised once.
 */
export class EventFiles implements EventWriter {
  readonly #directory: string
  readonly #token: string

  /** `token` goes into temporary names: what a crash left behind under it is used again, and no other writer uses it. */
  constructor(directory: string, token: string) {
    this.#directory = directory
    this.#token = token
  }

  async write(events: readonly ChangeEvent[], isStopped: () => boolean): Promise<void> {
    const folders: string[] = []
    const files: FileToWrite[] = []
    for (const [name, filesOfTable] of planFiles(events)) {
      const folder = await tableFolder(this.#directory, name)
      folders.push(folder)
      for (const [name, bytes] of filesOfTable) files.push({ folder, name, bytes })
    }
    await runLimited(files, filesAtOnce, isStopped, (file, lane) => this.#replace(file, lane))
    await runLimited(folders, filesAtOnce, isStopped, syncFolder)
  }

  async close(): Promise<void> {}

  async #replace({ folder, name, bytes }: FileToWrite, lane: number): Promise<void> {
    const path = join(folder, name)
    try {
      const temporary = join(folder, `.${this.#token}-${lane}.tmp`)
      await writeDurably(temporary, bytes)
      await rename(temporary, path)
    } catch (error) {
      throw fileError(error, path)
    }
  }
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants
  const handle = await open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW)
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
}
