import type { Readable } from 'node:stream'
import { type Clock, type Delivery, EdsError, type OpenRequest, padSequence, type Source } from '@eds/core'
import { ChunkReader } from './chunk-reader.js'
import { fileError } from './errors.js'
import { type Line, LineSplitter } from './line-splitter.js'
import type { Pace } from './pace.js'
import { isGzip } from './read-blocks.js'

export interface InputSourceOptions {
  readonly input: Readable
  readonly newPace: () => Pace
  readonly maxLineBytes: number
  readonly clock: Clock
}

const stampPattern = /^(\d{16})\.\d{16}$/

/**
 * Change events from a stream that can be read only once, such as standard input. A position is
 * `<time of the first open, milliseconds>.<line>`: later runs sort behind earlier ones, and a position from an earlier run skips
 * nothing, because nobody knows whether the same lines come again. Within one run a new reader goes on where the last one was told to,
 * from what is held until it is acknowledged.
 */
export class InputSource implements Source {
  readonly description = 'standard input'
  readonly #options: InputSourceOptions
  readonly #blocks: AsyncIterator<Buffer>
  readonly #splitter: LineSplitter
  #cursor: string | undefined
  #stamp = 0
  #lines = 0
  /** In order: what was delivered and not acknowledged, then what was not delivered yet. */
  #held: Delivery[] = []
  /** The last position let go of. */
  #released = ''
  /** How many of them the current reader has delivered. */
  #delivered = 0
  #awaited: Promise<IteratorResult<Buffer>> | undefined
  #ended = false

  constructor(options: InputSourceOptions) {
    this.#options = options
    this.#blocks = options.input[Symbol.asyncIterator]()
    this.#splitter = new LineSplitter(0, options.maxLineBytes)
  }

  async open({ cursor, after, signal }: OpenRequest): Promise<ChunkReader> {
    if (this.#cursor !== undefined && this.#cursor !== cursor) {
      const fix = 'write it to a file and read that'
      throw new EdsError('unsupported', 'standard input can be read by one sink only', { fix })
    }
    this.#cursor = cursor
    if (this.#stamp === 0) this.#stamp = Math.max(this.#options.clock.now(), stampOf(after) + 1)
    if ((after ?? '') < this.#released) {
      throw new EdsError('gap', `standard input was acknowledged up to ${this.#released}, what came before is gone`)
    }
    if (after !== undefined) this.#release(after)
    this.#delivered = 0
    return new ChunkReader({
      chunks: (aborted) => this.#chunks(aborted),
      signal,
      acknowledge: ({ position }) => this.#release(position),
      behind: () => (this.#ended ? this.#held.length - this.#delivered : undefined),
    })
  }

  async forget(): Promise<void> {}

  async close(): Promise<void> {
    this.#options.input.destroy()
  }

  async *#chunks(signal: AbortSignal): AsyncGenerator<readonly Delivery[]> {
    const pace = this.#options.newPace()
    const aborted = abortOf(signal)
    while (!signal.aborted) {
      const chunk = this.#held.slice(this.#delivered, this.#delivered + pace.chunkEvents)
      if (chunk.length === 0) {
        if (this.#ended) return
        await this.#readOn(aborted)
        continue
      }
      await pace.wait(chunk.length, signal)
      if (signal.aborted) return
      this.#delivered += chunk.length
      yield chunk
    }
  }

  /** Takes in the next block, or returns when the reader is aborted; the block is then left to the next reader. */
  async #readOn(aborted: Promise<undefined>): Promise<void> {
    this.#awaited ??= this.#blocks.next()
    const result = await Promise.race([this.#awaited, aborted]).catch((error: unknown) => {
      throw fileError(error, this.description)
    })
    if (result === undefined) return
    this.#awaited = undefined
    if (result.done) this.#ended = true
    else if (this.#lines === 0 && isGzip(result.value)) throw compressedError()
    for (const line of result.done ? this.#splitter.end() : this.#splitter.push(result.value)) this.#hold(line)
  }

  #hold({ bytes, tooLong }: Line): void {
    const position = `${padSequence(this.#stamp)}.${padSequence(++this.#lines)}`
    const time = this.#options.clock.now()
    const defect = {
      defect: `line ${this.#lines} of standard input has ${tooLong} bytes, which is longer than allowed`,
    }
    this.#held.push({ position, bytes, time, ...(tooLong === undefined ? {} : defect) })
  }

  /** Lets go of what is at or before a position. */
  #release(through: string): void {
    const kept = this.#held.findIndex(({ position }) => position > through)
    const released = kept === -1 ? this.#held.length : kept
    const last = this.#held.splice(0, released).at(-1)
    this.#released = last?.position ?? this.#released
    this.#delivered = Math.max(0, this.#delivered - released)
  }
}

function stampOf(position: string | undefined): number {
  return Number(stampPattern.exec(position ?? '')?.[1] ?? 0)
}

function abortOf(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined)
    else signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
}

function compressedError(): EdsError {
  return new EdsError('configuration', 'standard input is compressed', { fix: 'pipe it through zcat' })
}
