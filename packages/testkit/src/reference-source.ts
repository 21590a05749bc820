import {
  type Delivery,
  defineSource,
  EdsError,
  type OpenRequest,
  padSequence,
  type Source,
  type SourceReader,
} from '@eds/core'
import type { MemoryStream, StoredMessage } from './memory-stream.js'

const chunkSize = 100

/**
 * The smallest complete source: reads a stream in memory. It shows what each promise of the contract means, and the conformance suite
 * is tested with it.
 */
export const memorySource: (stream: MemoryStream) => Source = defineSource((stream) => ({
  description: 'a stream in memory',
  async open(request) {
    request.signal.throwIfAborted()
    stream.ping()
    return new MemoryReader(stream, request.cursor, firstSequence(stream, request), request.signal)
  },
  async forget(cursor) {
    stream.forget(cursor)
  },
  async close() {},
}))

/** Where reading begins. Throws `gap` when that is not there any more, or never was. */
function firstSequence(stream: MemoryStream, { cursor, after, start }: OpenRequest): number {
  const { first, last } = stream.bounds
  const remembered = after === undefined ? stream.cursor(cursor) : Number(after)
  if (remembered !== undefined) {
    if (remembered + 1 < first || remembered > last) {
      throw new EdsError('gap', `the stream holds ${first} to ${last}, and what follows ${remembered} is not in it`)
    }
    return remembered + 1
  }
  if (start.at === 'now') return last + 1
  return start.at === 'time' ? stream.sequenceAt(start.time) : first
}

class MemoryReader implements SourceReader {
  readonly #stream: MemoryStream
  readonly #cursor: string
  readonly #closed = new AbortController()
  readonly #ended: AbortSignal
  #next: number

  constructor(stream: MemoryStream, cursor: string, first: number, signal: AbortSignal) {
    this.#stream = stream
    this.#cursor = cursor
    this.#next = first
    this.#ended = AbortSignal.any([signal, this.#closed.signal])
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly Delivery[], undefined> {
    while (!this.#ended.aborted) {
      const messages = this.#stream.read(this.#next, chunkSize)
      this.#next += messages.length
      if (messages.length > 0) yield messages.map(toDelivery)
      else await this.#stream.changed(this.#ended)
    }
  }

  async acknowledge(through: Delivery): Promise<void> {
    this.#stream.acknowledge(this.#cursor, Number(through.position))
  }

  behind(): number {
    return this.#stream.bounds.last - this.#next + 1
  }

  async close(): Promise<void> {
    this.#closed.abort()
  }
}

function toDelivery({ sequence, time, bytes }: StoredMessage): Delivery {
  return { position: padSequence(sequence), time, bytes }
}
