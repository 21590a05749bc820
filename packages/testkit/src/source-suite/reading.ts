import type { Delivery, SourceReader } from '@eds/core'
import { demand, demandSettled } from '../conformance/violation.js'

/** A reader that is read a few deliveries at a time. */
export class Reading {
  readonly reader: SourceReader
  readonly #iterator: AsyncIterator<readonly Delivery[]>
  readonly #limitMs: number
  #rest: readonly Delivery[] = []

  constructor(reader: SourceReader, limitMs: number) {
    this.reader = reader
    this.#limitMs = limitMs
    this.#iterator = reader[Symbol.asyncIterator]()
  }

  /** The next `count` deliveries; asks for no more chunks than that takes. */
  async take(count: number): Promise<Delivery[]> {
    const taken: Delivery[] = []
    while (taken.length < count) {
      if (this.#rest.length === 0) this.#rest = await this.#chunk(describe(taken, count))
      const part = this.#rest.slice(0, count - taken.length)
      this.#rest = this.#rest.slice(part.length)
      taken.push(...part)
    }
    return taken
  }

  /** Resolves to true when the iteration has ended. */
  async ended(): Promise<boolean> {
    return (await this.#next('the end')).done === true
  }

  async #chunk(what: string): Promise<readonly Delivery[]> {
    const { done, value } = await this.#next(what)
    demand(done !== true, `the iteration ended before ${what}`)
    return value
  }

  async #next(what: string): Promise<IteratorResult<readonly Delivery[], undefined>> {
    const outcome = await demandSettled(this.#iterator.next(), this.#limitMs, what)
    if (outcome.status === 'rejected') throw outcome.reason
    return outcome.value
  }
}

function describe(taken: readonly Delivery[], count: number): string {
  const came = taken.length === 0 ? 'none came' : `came: ${taken[0]?.position} to ${taken.at(-1)?.position}`
  return `delivery ${taken.length + 1} of ${count} (${came})`
}
