import type { Delivery, Position, SourceReader } from '@eds/core'
import { type MergedPlace, mergePositions } from './merged-position.js'

type Half = keyof MergedPlace
type Arrival =
  | { readonly half: Half; readonly result: IteratorResult<readonly Delivery[]> }
  | { readonly half: Half; readonly error: unknown }

/** A delivery that was handed out and is not acknowledged. */
interface Outstanding {
  readonly position: Position
  readonly half: Half
  readonly original: Delivery
}

/** Two readers as one: chunks as they come, each source's in its own order. */
export class MergedReader implements SourceReader {
  readonly #readers: Readonly<Record<Half, SourceReader>>
  readonly #place: { first?: Position; second?: Position }
  #outstanding: Outstanding[] = []
  #arrivals: Arrival[] = []
  #wake = (): void => {}

  constructor(readers: Readonly<Record<Half, SourceReader>>, after: MergedPlace) {
    this.#readers = readers
    this.#place = { ...after }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly Delivery[], undefined> {
    const iterators = {
      first: this.#readers.first[Symbol.asyncIterator](),
      second: this.#readers.second[Symbol.asyncIterator](),
    }
    this.#pull('first', iterators.first)
    this.#pull('second', iterators.second)
    for (let reading = 2; reading > 0; ) {
      const arrival = await this.#nextArrival()
      if ('error' in arrival) throw arrival.error
      const { half, result } = arrival
      if (result.done) reading--
      else {
        yield result.value.map((delivery) => this.#take(half, delivery))
        // Not before the consumer asks for more.
        this.#pull(half, iterators[half])
      }
    }
  }

  async acknowledge(through: Delivery): Promise<void> {
    const open = this.#outstanding.findIndex(({ position }) => position > through.position)
    const done = this.#outstanding.splice(0, open < 0 ? this.#outstanding.length : open)
    const last: Partial<Record<Half, Delivery>> = {}
    for (const { half, original } of done) last[half] = original
    const { first, second } = last
    await Promise.all([
      first && this.#readers.first.acknowledge(first),
      second && this.#readers.second.acknowledge(second),
    ])
  }

  behind(): number | undefined {
    const first = this.#readers.first.behind?.()
    const second = this.#readers.second.behind?.()
    return first === undefined && second === undefined ? undefined : (first ?? 0) + (second ?? 0)
  }

  async close(): Promise<void> {
    await Promise.all([this.#readers.first.close(), this.#readers.second.close()])
  }

  /** Not `Promise.race`: with every chunk of the busy source it would leave a reaction on the promise of the quiet one. */
  #pull(half: Half, iterator: AsyncIterator<readonly Delivery[]>): void {
    const arrive = (arrival: Arrival) => {
      this.#arrivals.push(arrival)
      this.#wake()
    }
    iterator.next().then(
      (result) => arrive({ half, result }),
      (error: unknown) => arrive({ half, error }),
    )
  }

  async #nextArrival(): Promise<Arrival> {
    for (;;) {
      const arrival = this.#arrivals.shift()
      if (arrival !== undefined) return arrival
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  #take(half: Half, original: Delivery): Delivery {
    this.#place[half] = original.position
    const position = mergePositions(this.#place)
    this.#outstanding.push({ position, half, original })
    return { ...original, position }
  }
}
