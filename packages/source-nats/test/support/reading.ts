import type { Delivery, OpenRequest, SourceReader } from '@eds/core'

/** An open request for the cursor `sink`, from whatever the source remembers. */
export function request(changes: Partial<OpenRequest> = {}): OpenRequest {
  return { cursor: 'sink', start: { at: 'resume' }, signal: new AbortController().signal, ...changes }
}

/** Takes deliveries one by one from a reader's chunks. */
export class Taker {
  readonly #iterator: AsyncIterator<readonly Delivery[]>
  #left: Delivery[] = []

  constructor(reader: SourceReader) {
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

/** The numbers in deliveries of {@link TestStream.publish}. */
export function numbers(deliveries: readonly Delivery[]): number[] {
  return deliveries.map(({ bytes }) => (JSON.parse(Buffer.from(bytes).toString()) as { n: number }).n)
}

/** `range(3, 5)` → `[3, 4, 5]` */
export function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}

/** Resolves when the clock has passed that time, epoch milliseconds: for what servers date by their own clock. */
export async function passed(time: number): Promise<void> {
  while (Date.now() <= time) await new Promise(setImmediate)
}
