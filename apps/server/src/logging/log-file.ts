import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'

export interface LogFileOptions {
  /** Keep every file that was rotated away, instead of the newest {@link keptFiles}. */
  readonly keepAll: boolean
  /** Rotate when a file has grown to this size. */
  readonly maxBytes?: number
  readonly now?: () => Date
}

const keptFiles = 5
const defaultMaxBytes = 50 * 1024 * 1024

/** A log file that is rotated at start and by size: `eds.log` becomes `eds-20240131T120000.000Z.log`. Writes are synchronous. */
export class LogFile {
  readonly #path: string
  readonly #options: LogFileOptions
  #descriptor: number
  #bytes = 0

  private constructor(path: string, options: LogFileOptions) {
    this.#path = path
    this.#options = options
    this.#descriptor = openSync(path, 'a', 0o600)
    this.#bytes = fstatSync(this.#descriptor).size
  }

  static open(path: string, options: LogFileOptions): LogFile {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    const file = new LogFile(path, options)
    if (file.#bytes > 0) file.rotate()
    return file
  }

  write(line: string): void {
    this.#bytes += writeSync(this.#descriptor, line)
    if (this.#bytes >= (this.#options.maxBytes ?? defaultMaxBytes)) this.rotate()
  }

  /** Begins a new file; gives the path of the one that is complete. */
  rotate(): string {
    closeSync(this.#descriptor)
    const rotated = this.#freeName()
    renameSync(this.#path, rotated)
    this.#descriptor = openSync(this.#path, 'a', 0o600)
    this.#bytes = 0
    if (!this.#options.keepAll) this.#removeOld()
    return rotated
  }

  close(): void {
    closeSync(this.#descriptor)
  }

  #freeName(): string {
    const time = (this.#options.now?.() ?? new Date()).toISOString().replace(/[-:]/g, '')
    for (let number = 0; ; number++) {
      const path = join(
        dirname(this.#path),
        `${this.#stem}-${time}${number === 0 ? '' : `-${number}`}${this.#extension}`,
      )
      if (statSync(path, { throwIfNoEntry: false }) === undefined) return path
    }
  }

  #removeOld(): void {
    const directory = dirname(this.#path)
    const isRotated = (name: string) => name.startsWith(`${this.#stem}-2`) && name.endsWith(this.#extension)
    const oldestFirst = readdirSync(directory).filter(isRotated).sort()
    for (const name of oldestFirst.slice(0, -keptFiles)) rmSync(join(directory, name), { force: true })
  }

  get #extension(): string {
    return extname(this.#path)
  }

  get #stem(): string {
    return basename(this.#path, this.#extension)
  }
}
