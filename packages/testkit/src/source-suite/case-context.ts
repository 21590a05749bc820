import type { Delivery, OpenRequest, Source } from '@eds/core'
import { demand } from '../conformance/violation.js'
import type { SourceSuiteOptions } from './options.js'
import { Reading } from './reading.js'

/** What one case works with: an empty stream of its own, and sources on it. */
export class SourceCaseContext {
  readonly options: SourceSuiteOptions
  readonly #sources = new Set<Source>()
  readonly #readings = new Set<Reading>()
  #published = 0

  private constructor(options: SourceSuiteOptions) {
    this.options = options
  }

  static async open(options: SourceSuiteOptions): Promise<SourceCaseContext> {
    await options.reset()
    return new SourceCaseContext(options)
  }

  get limitMs(): number {
    return this.options.limitMs ?? 30_000
  }

  async source(): Promise<Source> {
    const source = await this.options.create()
    this.#sources.add(source)
    return source
  }

  /** Opens a reader, from the beginning unless the request says otherwise. */
  async open(source: Source, request: Partial<OpenRequest> = {}): Promise<Reading> {
    const signal = new AbortController().signal
    const reader = await source.open({ cursor: 'kit', start: { at: 'beginning' }, signal, ...request })
    const reading = new Reading(reader, this.limitMs)
    this.#readings.add(reading)
    return reading
  }

  /** Publishes the next `count` events; their numbers go on from the last ones, from 1. */
  async publish(count: number): Promise<void> {
    const messages = Array.from({ length: count }, () => message(++this.#published))
    await this.options.publish(messages)
  }

  /** Ends a source without a goodbye. */
  async crash(source: Source): Promise<void> {
    this.#sources.delete(source)
    this.#readings.clear()
    await this.options.crash?.(source)
  }

  async close(): Promise<void> {
    for (const { reader } of this.#readings) await reader.close()
    for (const source of this.#sources) await source.close()
  }
}

function message(number: number): Buffer {
  return Buffer.from(JSON.stringify({ number, text: `message ${number} 🔧`, filler: 'x'.repeat(number % 50) }))
}

/** The number of the event in a delivery. */
export function numberOf({ bytes, defect }: Delivery): number {
  demand(defect === undefined, `a sound message was delivered as defective: ${defect}`)
  const { number } = JSON.parse(Buffer.from(bytes).toString()) as { number: number }
  return number
}

/** Fails unless the deliveries are the events `from`, `from + 1` … `to`, each once. */
export function demandNumbers(deliveries: readonly Delivery[], from: number, to: number): void {
  const found = deliveries.map(numberOf)
  const wrong = found.findIndex((number, index) => number !== from + index)
  demand(wrong === -1, () => `expected event ${from + wrong} and got ${found[wrong]} (delivered: ${found.join(' ')})`)
  demand(found.length === to - from + 1, `expected events ${from} to ${to} and got ${found.length}`)
}
