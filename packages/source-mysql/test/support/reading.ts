import {
  type ChangeEvent,
  type Delivery,
  decodeEvent,
  type OpenRequest,
  type Source,
  type SourceReader,
} from '@eds/core'

/** A reader that is read a few events at a time. */
export class Taker {
  readonly reader: SourceReader
  readonly #chunks: AsyncIterator<readonly Delivery[]>
  #rest: readonly Delivery[] = []

  constructor(reader: SourceReader) {
    this.reader = reader
    this.#chunks = reader[Symbol.asyncIterator]()
  }

  static async open(source: Source, request: Partial<OpenRequest> = {}): Promise<Taker> {
    const signal = new AbortController().signal
    return new Taker(await source.open({ cursor: 'test', start: { at: 'resume' }, signal, ...request }))
  }

  async deliveries(count: number): Promise<Delivery[]> {
    const taken: Delivery[] = []
    while (taken.length < count) {
      if (this.#rest.length === 0) {
        const { done, value } = await this.#chunks.next()
        if (done) throw new Error(`the reader ended after ${taken.length} of ${count}`)
        this.#rest = value
      }
      const part = this.#rest.slice(0, count - taken.length)
      this.#rest = this.#rest.slice(part.length)
      taken.push(...part)
    }
    return taken
  }

  async events(count: number): Promise<ChangeEvent[]> {
    return (await this.deliveries(count)).map(decodeEvent)
  }
}

/** `I 1`, `U 2`, `D 3`: what was done to which row. */
export function brief({ operation, key }: ChangeEvent): string {
  return `${operation[0]} ${key.slice(1).join(' ')}`
}
