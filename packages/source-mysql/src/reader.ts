import { type Delivery, isEdsError, type SourceReader, toEdsError } from '@eds/core'
import type { Acknowledger } from './acknowledger.js'

/** Chunks in order; made by the way of capturing. Ends when its signal aborts. */
export type Feed = (signal: AbortSignal) => AsyncIterable<readonly Delivery[]>

export interface ReaderParts {
  readonly feed: Feed
  readonly acknowledger: Acknowledger
  /** Gives connections back. Does not throw. */
  readonly release: () => Promise<void>
  readonly abort: AbortController
}

/** One cursor's reader, whichever way the changes are captured. */
export class CaptureReader implements SourceReader {
  readonly #parts: ReaderParts
  #closing: Promise<void> | undefined

  constructor(parts: ReaderParts) {
    this.#parts = parts
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly Delivery[], undefined> {
    const { feed, abort } = this.#parts
    try {
      for await (const chunk of feed(abort.signal)) {
        if (abort.signal.aborted) return
        yield chunk
      }
    } catch (error) {
      if (!abort.signal.aborted) throw isEdsError(error) ? error : toEdsError(error)
    }
  }

  acknowledge({ position }: Delivery): Promise<void> {
    return this.#parts.acknowledger.acknowledge(position)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const { acknowledger, release, abort } = this.#parts
    await acknowledger.close()
    abort.abort()
    await release()
  }
}
