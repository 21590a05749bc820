import type { Delivery, SourceReader } from '@eds/core'

/** Makes the chunks of one reader. Ends when they end, or soon after the signal aborts. */
export type ChunkMaker = (signal: AbortSignal) => AsyncGenerator<readonly Delivery[]>

export interface ChunkReaderOptions {
  readonly chunks: ChunkMaker
  /** Of the request that opened the reader. */
  readonly signal: AbortSignal
  readonly acknowledge?: (through: Delivery) => void
  readonly behind?: () => number | undefined
}

/** A {@link SourceReader} around a generator of chunks. */
export class ChunkReader implements SourceReader {
  readonly #closing = new AbortController()
  readonly #chunks: AsyncGenerator<readonly Delivery[]>
  readonly #options: ChunkReaderOptions

  constructor(options: ChunkReaderOptions) {
    this.#options = options
    this.#chunks = options.chunks(AbortSignal.any([options.signal, this.#closing.signal]))
  }

  [Symbol.asyncIterator](): AsyncIterator<readonly Delivery[]> {
    return this.#chunks
  }

  async acknowledge(through: Delivery): Promise<void> {
    this.#options.acknowledge?.(through)
  }

  behind(): number | undefined {
    return this.#options.behind?.()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    // Lets go of open files. What the iteration threw, its consumer has seen.
    await this.#chunks.return(undefined).catch(() => {})
  }
}
