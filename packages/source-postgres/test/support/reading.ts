import { type ChangeEvent, type Delivery, decodeEvent, type OpenRequest, type SourceReader } from '@eds/core'

/** An open request for the cursor `sink`, from whatever the source remembers. */
export function request(changes: Partial<OpenRequest> = {}): OpenRequest {
  return { cursor: 'sink', start: { at: 'resume' }, signal: new AbortController().signal, ...changes }
}

/** Takes deliveries one by one from a reader's chunks. */
export class Taker {
  readonly reader: SourceReader
  readonly #iterator: AsyncIterator<readonly Delivery[]>
  #left: Delivery[] = []

  constructor(reader: SourceReader) {
    this.reader = reader
    this.#iterator = reader[Symbol.asyncIterator]()
  }

  /** Exactly so many, waiting for them. Rejects when the reader ends before. */
  async take(count: number): Promise<Delivery[]> {
    while (this.#left.length < count) {
      const { done, value } = await this.#iterator.next()
      if (done) throw new Error(`the reader ended after ${this.#left.length} of ${count}`)
      this.#left.push(...value)
    }
    return this.#left.splice(0, count)
  }

  async acknowledge(through: Delivery): Promise<void> {
    await this.reader.acknowledge(through)
  }

  /** The error that the reader ends with, after what it still delivers. */
  async failure(): Promise<unknown> {
    for (;;) {
      const result = await this.#iterator.next().catch((error: unknown) => ({ error }))
      if ('error' in result) return result.error
      if (result.done) throw new Error('the reader ended without an error')
      this.#left.push(...result.value)
    }
  }
}

/** The events in deliveries, parsed. */
export function events(deliveries: readonly Delivery[]): ChangeEvent[] {
  return deliveries.map(decodeEvent)
}
