import { constants } from 'node:fs'
import { type FileHandle, lstat, open, rename } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Clock } from '@eds/core'
import { appendPieces } from './append-pieces.js'
import type { LinePlan } from './encode.js'
import { fileError } from './errors.js'
import { ignoreMissing, syncFolder, tableFolder } from './folder.js'
import { repairTail } from './repair-tail.js'
import { currentName, finishedNames, isTooLarge, isTooOld, type Rotation } from './rotation.js'

interface OpenFile {
  readonly handle: FileHandle
  readonly inode: number
  /** When it was begun, epoch milliseconds. */
  readonly begunAt: number
  length: number
}

export interface TableFileOptions {
  readonly rotation: Rotation
  readonly clock: Clock
}

/** The growing file of one table. Its calls must not overlap. */
export class TableFile {
  readonly #folder: string
  readonly #path: string
  readonly #options: TableFileOptions
  #file: OpenFile | undefined
  /** Length before the batch that is being written. */
  #lengthBefore: number | undefined

  constructor(folder: string, options: TableFileOptions) {
    this.#folder = folder
    this.#path = join(folder, currentName)
    this.#options = options
  }

  /** Appends lines durably. Until {@link keep} they can be taken back. */
  async append(lines: LinePlan, isStopped: () => boolean): Promise<void> {
    try {
      let file = await this.#opened()
      if (this.#isOver(file, lines)) {
        await this.finish()
        file = await this.#opened()
      }
      this.#lengthBefore = file.length
      await appendPieces(file.handle, lines.pieces, file.length, isStopped)
      await file.handle.datasync()
      file.length += lines.bytes
      if (this.#lengthBefore === 0) await syncFolder(this.#folder)
    } catch (error) {
      throw fileError(error, this.#path)
    }
  }

  /** Nothing of the last append will be taken back any more. */
  keep(): void {
    this.#lengthBefore = undefined
  }

  /** Takes back what was appended since the last {@link keep}. */
  async rollBack(): Promise<void> {
    const length = this.#lengthBefore
    this.#lengthBefore = undefined
    if (length === undefined) return
    const handle = this.#file?.handle ?? (await this.#opened()).handle
    try {
      await handle.truncate(length)
      await handle.datasync()
      if (this.#file !== undefined) this.#file.length = length
    } catch (error) {
      await this.close()
      throw fileError(error, this.#path)
    }
  }

  isTooOld(now: number): boolean {
    return (
      this.#file !== undefined && this.#file.length > 0 && isTooOld(this.#options.rotation, this.#file.begunAt, now)
    )
  }

  /** Gives the file its final name. The next append begins a new one. */
  async finish(): Promise<void> {
    await this.close()
    for (const name of finishedNames(this.#options.clock.now())) {
      const path = join(this.#folder, name)
      if ((await lstat(path).catch(ignoreMissing)) !== undefined) continue
      await rename(this.#path, path).catch(ignoreMissing)
      return await syncFolder(this.#folder)
    }
  }

  /** Closes the file; the next call opens it again. Does not throw: all that was appended is on the disk already. */
  async close(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    await file?.handle.close().catch(() => {})
  }

  #isOver(file: OpenFile, lines: LinePlan): boolean {
    return isTooLarge(this.#options.rotation, file.length, lines.bytes) || this.isTooOld(this.#options.clock.now())
  }

  /** The file, opened anew when somebody has moved, removed or changed it. */
  async #opened(): Promise<OpenFile> {
    if (this.#file !== undefined) {
      const found = await lstat(this.#path).catch(ignoreMissing)
      if (found?.ino === this.#file.inode && found.size === this.#file.length) return this.#file
      await this.close()
    }
    this.#file = await this.#open()
    return this.#file
  }

  async #open(): Promise<OpenFile> {
    await tableFolder(dirname(this.#folder), basename(this.#folder))
    const handle = await open(this.#path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW)
    try {
      const { size, ino, birthtimeMs } = await handle.stat()
      const length = await repairTail(handle, size)
      return { handle, inode: ino, length, begunAt: length === 0 ? this.#options.clock.now() : birthtimeMs }
    } catch (error) {
      await handle.close()
      throw error
    }
  }
}
