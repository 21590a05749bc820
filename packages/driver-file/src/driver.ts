import { rmdir, statfs } from 'node:fs/promises'
import {
  type ConnectionProbe,
  type Driver,
  type DriverContext,
  EdsError,
  type EventBatch,
  type ProbeReport,
  type WriteResult,
  written,
} from '@eds/core'
import { type FileConfig, parseDuration, parseSize } from './config.js'
import { abortedError, fileError } from './errors.js'
import { EventFiles } from './event-files.js'
import type { EventWriter } from './event-writer.js'
import { checkWritable, makeFolders, prepareDirectory } from './folder.js'
import { LineFiles } from './line-files.js'
import type { Rotation } from './rotation.js'

const lowSpaceBytes = 2 ** 30

/** Writes events to files. */
export class FileDriver implements Driver {
  readonly probe: ConnectionProbe
  readonly #config: FileConfig
  readonly #context: DriverContext
  #writer: EventWriter | undefined
  #closed = false
  #writing: Promise<void> = Promise.resolve()

  constructor(config: FileConfig, context: DriverContext) {
    this.#config = config
    this.#context = context
    this.probe = { test: (signal) => this.#test(signal) }
  }

  async connect(signal: AbortSignal): Promise<void> {
    await this.close()
    if (signal.aborted) throw abortedError()
    try {
      const token = await this.#temporaryToken()
      const directory = await prepareDirectory(this.#config.directory, token)
      this.#writer = this.#openWriter(directory, token)
      this.#closed = false
    } catch (error) {
      throw fileError(error, this.#config.directory)
    }
  }

  async write({ events }: EventBatch, signal: AbortSignal): Promise<WriteResult> {
    if (this.#writer === undefined) throw new EdsError('connection', 'the file driver is not connected')
    const writing = this.#writer.write(events, () => signal.aborted || this.#closed)
    this.#writing = writing.catch(() => {})
    try {
      await writing
      return written
    } catch (error) {
      throw fileError(error, this.#config.directory)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#writing
    await this.#writer?.close()
    this.#writer = undefined
  }

  #openWriter(directory: string, token: string): EventWriter {
    if (this.#config.format === 'json') return new EventFiles(directory, token)
    const { clock, logger } = this.#context
    return new LineFiles({ directory, rotation: rotationOf(this.#config), clock, logger })
  }

  /** The same after a restart, so that temporary files that a crash left are used again, and not anybody else's. */
  async #temporaryToken(): Promise<string> {
    const { state, random } = this.#context
    const known = await state.get('token')
    if (known !== undefined) return known
    const token = Math.floor(random() * 2 ** 48).toString(36)
    await state.write({ token })
    return token
  }

  async #test(signal: AbortSignal): Promise<ProbeReport> {
    const { directory, format } = this.#config
    if (signal.aborted) throw abortedError()
    const made: string[] = []
    try {
      made.push(...(await makeFolders(directory)))
      await checkWritable(directory, `${await this.#temporaryToken()}-test`)
      const { bavail, bsize } = await statfs(directory)
      const freeBytes = bavail * bsize
      const what = format === 'json' ? 'one file per event' : 'one NDJSON file per table'
      const free = `${(freeBytes / 1e9).toFixed(1)} GB free`
      return {
        summary: `${directory} is writable, ${free}, ${what}`,
        warnings: freeBytes < lowSpaceBytes ? [`only ${free} in ${directory}`] : [],
      }
    } catch (error) {
      throw fileError(error, directory)
    } finally {
      for (const folder of made.reverse()) await rmdir(folder).catch(() => {})
    }
  }
}

function rotationOf({ rotateSize = '', rotateInterval = '' }: FileConfig): Rotation {
  const maxBytes = parseSize(rotateSize)
  const maxAgeMs = parseDuration(rotateInterval)
  return { ...(maxBytes === undefined ? {} : { maxBytes }), ...(maxAgeMs === undefined ? {} : { maxAgeMs }) }
}
