import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { EdsError, isEdsError } from '../errors.js'
import type { Position } from '../position.js'
import type { Clock } from '../runtime.js'
import { systemClock } from '../system-clock.js'
import type { DeadLetter, DeadLetterLog, DeadLetterStatus, DeadLetterStore, LetterFailure } from './dead-letter.js'
import { type IndexedLetter, indexLetters, isWaiting, readLetters, setStatus } from './dead-letter-index.js'
import { encodeLetter, encodeStatus } from './dead-letter-line.js'

export interface FileDeadLettersOptions {
  /** Made with mode 0700 when it is missing. */
  readonly directory: string
  readonly clock?: Clock
  /** On open, closed letters are dropped when they take more bytes than this, and more than those that wait. Default 8 MiB. */
  readonly keepClosedBytes?: number
}

/**
 * Dead letters in files that people can read: `<directory>/<sink>.ndjson`, mode 0600, one JSON object per line. A letter is
 * `{id, sink, at, status, code, reason, table?, rowKey?, time, event}` (`bytes` in base64 in place of `event` when it is not
 * UTF-8); a later change of its status is a line `{id, status, at}`, with `code` and `reason` when it was tried again in vain. Lines are only ever added, and are on disk (`fdatasync`) when
 * the call resolves; a last line that a crash tore is cut off on the next open.
 *
 * One process at a time may have a file open: the host sees to that with the lock on its data directory. To look into it from
 * another process use {@link readDeadLetters}.
 */
export function fileDeadLetters(options: FileDeadLettersOptions): DeadLetterStore {
  const { directory, clock = systemClock, keepClosedBytes = 8 * 1024 * 1024 } = options
  return {
    open: async (sink) => {
      const path = pathOf(directory, sink)
      return guard(`cannot open ${path}`, async () => {
        await mkdir(directory, { recursive: true, mode: 0o700 })
        const file = await openFile(path, keepClosedBytes)
        return new FileDeadLetterLog(path, file, clock)
      })
    },
  }
}

/**
 * Reads a sink's dead letters without changing anything, also while another process writes them. Nothing when there is no file.
 *
 * @throws EdsError as `DeadLetterStore.open` does.
 */
export async function* readDeadLetters(
  directory: string,
  sink: string,
  status?: readonly DeadLetterStatus[],
): AsyncGenerator<DeadLetter> {
  const path = pathOf(directory, sink)
  const handle = await guard(`cannot open ${path}`, () => openIfThere(path))
  if (handle === undefined) return
  try {
    const { letters } = await indexLetters(handle, path)
    yield* readLetters(handle, withStatus(letters, status), path)
  } finally {
    await handle.close()
  }
}

function pathOf(directory: string, sink: string): string {
  if (/^[A-Za-z0-9_-]+$/.test(sink)) return join(directory, `${sink}.ndjson`)
  throw new EdsError('configuration', `"${sink}" cannot name a sink`, { fix: 'use letters, digits, _ and -' })
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  return open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
}

interface OpenFile {
  readonly handle: FileHandle
  /** The letters that wait: as many as the lane allows, never the closed ones. */
  readonly waiting: Map<Position, IndexedLetter>
  readonly size: number
}

async function openFile(path: string, keepClosedBytes: number): Promise<OpenFile> {
  const handle = await open(path, constants.O_RDWR | constants.O_CREAT, 0o600)
  try {
    await syncDirectory(path)
    const { letters, size } = await indexLetters(handle, path)
    await handle.truncate(size)
    const waiting = new Map([...letters].filter(([, { status }]) => isWaiting(status)))
    const waitingBytes = [...waiting.values()].reduce((sum, { length }) => sum + length + 1, 0)
    if (size - waitingBytes <= Math.max(keepClosedBytes, waitingBytes)) return { handle, waiting, size }
    await rewrite(handle, waiting, path)
  } catch (error) {
    await handle.close()
    throw error
  }
  await handle.close()
  return openFile(path, Number.POSITIVE_INFINITY)
}

/** Replaces the file, at once, by one that holds the given letters only. */
async function rewrite(handle: FileHandle, letters: Map<Position, IndexedLetter>, path: string): Promise<void> {
  const fresh = `${path}.new`
  const target = await open(fresh, 'w', 0o600)
  try {
    for await (const letter of readLetters(handle, letters, path)) await target.appendFile(encodeLetter(letter))
    await target.sync()
  } finally {
    await target.close()
  }
  await rename(fresh, path)
  await syncDirectory(path)
}

/** Makes the file's name durable, too. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(dirname(path), 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

function withStatus(
  letters: ReadonlyMap<Position, IndexedLetter>,
  wanted: readonly DeadLetterStatus[] | undefined,
): (readonly [Position, IndexedLetter])[] {
  return [...letters].filter(([, { status }]) => wanted === undefined || wanted.includes(status))
}

class FileDeadLetterLog implements DeadLetterLog {
  readonly #path: string
  readonly #handle: FileHandle
  readonly #clock: Clock
  readonly #waiting: Map<Position, IndexedLetter>
  #size: number
  /** True while the file may hold more than `#size` bytes, because a write failed. */
  #isTorn = false
  #last: Promise<unknown> = Promise.resolve()
  #closing: Promise<void> | undefined

  constructor(path: string, { handle, waiting, size }: OpenFile, clock: Clock) {
    this.#path = path
    this.#handle = handle
    this.#waiting = waiting
    this.#size = size
    this.#clock = clock
  }

  append(letters: readonly DeadLetter[]): Promise<void> {
    return this.#inTurn(async () => {
      const fresh = new Map<Position, DeadLetter>()
      for (const letter of letters) {
        if (!this.#waiting.has(letter.id) && !fresh.has(letter.id)) fresh.set(letter.id, letter)
      }
      const lines = [...fresh.values()].map((letter) => ({ letter, line: Buffer.from(encodeLetter(letter)) }))
      let offset = this.#size
      await this.#write(Buffer.concat(lines.map(({ line }) => line)))
      for (const { letter, line } of lines) {
        const { id, status } = letter
        if (isWaiting(status)) this.#waiting.set(id, { status, offset, length: line.length - 1 })
        offset += line.length
      }
    })
  }

  mark(ids: readonly Position[], status: DeadLetterStatus, failure?: LetterFailure): Promise<void> {
    return this.#inTurn(async () => {
      const known = ids.filter((id) => this.#waiting.has(id))
      const at = this.#clock.now()
      await this.#write(Buffer.from(known.map((id) => encodeStatus(id, status, at, failure)).join('')))
      for (const id of known) {
        if (isWaiting(status)) setStatus(this.#waiting, id, status, failure && { ...failure, triedAt: at })
        else this.#waiting.delete(id)
      }
    })
  }

  async *list(filter: { readonly status?: readonly DeadLetterStatus[] } = {}): AsyncGenerator<DeadLetter> {
    await this.#last
    const { status } = filter
    const isIndexed = status?.every(isWaiting) === true
    const index = isIndexed ? this.#waiting : (await indexLetters(this.#handle, this.#path, this.#size)).letters
    yield* readLetters(this.#handle, withStatus(index, status), this.#path)
  }

  close(): Promise<void> {
    this.#closing ??= this.#last.then(() => this.#handle.close())
    return this.#closing
  }

  /** One change at a time, in the order of the calls. */
  #inTurn(change: () => Promise<void>): Promise<void> {
    if (this.#closing) return Promise.reject(new EdsError('configuration', `${this.#path} is closed`))
    const result = this.#last.then(() => guard(`cannot write ${this.#path}`, change))
    this.#last = result.catch(() => {})
    return result
  }

  async #write(bytes: Buffer): Promise<void> {
    if (bytes.length === 0) return
    if (this.#isTorn) await this.#handle.truncate(this.#size)
    this.#isTorn = true
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, this.#size + done)
      done += bytesWritten
    }
    await this.#handle.datasync()
    this.#isTorn = false
    this.#size += bytes.length
  }
}

const lasting = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EISDIR', 'ELOOP', 'ENAMETOOLONG'])

/** Failures of the file system: `configuration` when rights or paths are wrong, `connection` (worth trying again) otherwise. */
async function guard<T>(what: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (cause) {
    if (isEdsError(cause)) throw cause
    const { code = '', message = String(cause) } = cause as NodeJS.ErrnoException
    throw new EdsError(lasting.has(code) ? 'configuration' : 'connection', `${what}: ${message}`, { cause })
  }
}
