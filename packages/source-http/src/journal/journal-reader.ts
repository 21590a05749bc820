import type { Delivery, SourceReader } from '@eds/core'
import type { Journal, JournalEntry } from './journal.js'

const maxChunkEvents = 500
const maxChunkBytes = 2 ** 20

/** One reader of a journal. */
export class JournalReader implements SourceReader {
  readonly #journal: Journal
  readonly #cursor: string
  readonly #closed = new AbortController()
  readonly #ended: AbortSignal
  #next: number

  constructor(journal: Journal, cursor: string, first: number, signal: AbortSignal) {
    this.#journal = journal
    this.#cursor = cursor
    this.#next = first
    this.#ended = AbortSignal.any([signal, this.#closed.signal])
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly Delivery[], undefined> {
    while (!this.#ended.aborted) {
      const entries = await this.#journal.read(this.#next, maxChunkEvents, maxChunkBytes)
      this.#next += entries.length
      if (entries.length > 0) yield entries.map((entry) => this.#toDelivery(entry))
      else await this.#journal.changed(this.#ended)
    }
  }

  async acknowledge(through: Delivery): Promise<void> {
    const sequence = this.#journal.sequenceOf(through.position)
    if (sequence > (this.#journal.cursor(this.#cursor) ?? 0)) await this.#journal.moveCursor(this.#cursor, sequence)
  }

  behind(): number {
    return this.#journal.bounds.last - this.#next + 1
  }

  async close(): Promise<void> {
    this.#closed.abort()
  }

  #toDelivery({ sequence, time, text }: JournalEntry): Delivery {
    return { position: this.#journal.positionOf(sequence), time, bytes: Buffer.from(text) }
  }
}
