import type { Readable } from 'node:stream'
import {
  type Clock,
  type Delivery,
  defineSource,
  EdsError,
  type OpenRequest,
  type Source,
  systemClock,
} from '@eds/core'
import { ChunkReader } from './chunk-reader.js'
import { changedFile, fileError } from './errors.js'
import { type FilePlace, fromPosition, toPosition } from './file-position.js'
import { findPlace, type InputFile, listFiles } from './file-set.js'
import { InputSource } from './input-source.js'
import { type Line, LineSplitter } from './line-splitter.js'
import { Pace } from './pace.js'
import { isCompressed, readBlocks } from './read-blocks.js'

export interface FileSourceOptions {
  /**
   * Files and folders, read in this order, or `'-'` for standard input. Of a folder the files `*.ndjson`, `*.jsonl`, `*.ndjson.gz` and
   * `*.jsonl.gz` that lie directly in it are read, sorted by name. Whether a file is compressed is seen from its content.
   */
  readonly paths: readonly string[] | '-'
  /** Events per second, per reader. Default: as fast as they are taken. */
  readonly rate?: number
  /** A longer line goes to the dead letters, cut off, instead of into memory. Default 64 MiB. */
  readonly maxLineBytes?: number
  /** For the rate, and for the times of standard input. Default: real time. */
  readonly clock?: Clock
  /** What `'-'` stands for. Default `process.stdin`. */
  readonly input?: Readable
}

const defaultMaxLineBytes = 64 * 2 ** 20

/**
 * Replays change events from NDJSON files, once through. Nothing is remembered between runs: a reader begins at the first file unless it is told
 * a position (`after`). A replay has no backlog, so `start: now` begins at the first file too; `start: time` begins at the first file
 * that was modified at that time or later.
 *
 * `Delivery.time` is when the file was last modified. Standard input can be read by one cursor; see {@link InputSource}.
 */
export const fileSource = defineSource(({ paths, rate, input, ...options }: FileSourceOptions): Source => {
  const clock = options.clock ?? systemClock
  const maxLineBytes = options.maxLineBytes ?? defaultMaxLineBytes
  const newPace = () => new Pace(rate, clock)
  newPace() // Complains about a wrong rate now rather than later.
  if (paths === '-') return new InputSource({ input: input ?? process.stdin, newPace, maxLineBytes, clock })
  if (paths.length === 0) throw new EdsError('configuration', 'no file to read was named')
  return new FileSource({ paths, newPace, maxLineBytes })
})

interface FileReading {
  readonly paths: readonly string[]
  readonly newPace: () => Pace
  readonly maxLineBytes: number
}

class FileSource implements Source {
  readonly description: string
  readonly #reading: FileReading

  constructor(reading: FileReading) {
    this.#reading = reading
    this.description = `files ${reading.paths.join(', ')}`.replace(/\s+/g, ' ')
  }

  async open({ after, start, signal }: OpenRequest): Promise<ChunkReader> {
    const place = after === undefined ? undefined : fromPosition(after)
    const files = await listFiles(this.#reading.paths)
    const begin = place ?? { index: start.at === 'time' ? firstSince(files, start.time) : 0, offset: 0 }
    if (place !== undefined) await checkPlace(files, place)
    let ended = false
    const reading = this.#reading
    const chunks = async function* (aborted: AbortSignal): AsyncGenerator<readonly Delivery[]> {
      yield* readFiles(files, begin, reading, aborted)
      ended = true
    }
    return new ChunkReader({ chunks, signal, behind: () => (ended ? 0 : undefined) })
  }

  async forget(): Promise<void> {}

  async close(): Promise<void> {}
}

function firstSince(files: readonly InputFile[], time: number): number {
  const index = files.findIndex((file) => file.time >= time)
  return index === -1 ? files.length : index
}

/** Refuses what can be seen without reading. A compressed file tells its length only while it is read. */
async function checkPlace(files: readonly InputFile[], place: FilePlace): Promise<void> {
  const { path, size } = findPlace(files, place)
  if (place.offset <= size) return
  const compressed = await isCompressed(path).catch((error: unknown) => {
    throw fileError(error, path)
  })
  if (!compressed) throw changedFile(path, place.offset, `it has only ${size} bytes now`)
}

async function* readFiles(
  files: readonly InputFile[],
  begin: Pick<FilePlace, 'index' | 'offset'>,
  { newPace, maxLineBytes }: FileReading,
  signal: AbortSignal,
): AsyncGenerator<readonly Delivery[]> {
  const pace = newPace()
  for (const [index, file] of files.entries()) {
    if (index < begin.index) continue
    const offset = index === begin.index ? begin.offset : 0
    for await (const lines of readLines(file, offset, maxLineBytes)) {
      for (let from = 0; from < lines.length; from += pace.chunkEvents) {
        const chunk = lines.slice(from, from + pace.chunkEvents)
        await pace.wait(chunk.length, signal)
        if (signal.aborted) return
        yield chunk.map((line) => toDelivery(line, index, file))
      }
      if (signal.aborted) return
    }
  }
}

async function* readLines(file: InputFile, offset: number, maxLineBytes: number): AsyncGenerator<Line[]> {
  const splitter = new LineSplitter(offset, maxLineBytes)
  for await (const block of readBlocks(file, offset)) yield splitter.push(block)
  yield splitter.end()
}

function toDelivery({ bytes, end, tooLong }: Line, index: number, { path, name, time }: InputFile): Delivery {
  const position = toPosition({ index, offset: end, name })
  if (tooLong === undefined) return { position, bytes, time }
  return { position, bytes, time, defect: `a line of ${tooLong} bytes in ${path} is longer than allowed` }
}
