import type { EdsError } from '@eds/core'
import type { StreamDelivery } from './delivery.js'

/** Deliveries on their way from the connection to whoever iterates. Wakes the iterator once per burst, not once per message. */
export class DeliveryBuffer {
  #deliveries: StreamDelivery[] = []
  #bytes = 0
  #delivered: number
  #failure: EdsError | undefined
  #ended = false
  #wake: (() => void) | undefined

  /** @param delivered stream sequence of the last message that the pipeline has */
  constructor(delivered: number) {
    this.#delivered = delivered
  }

  get size(): number {
    return this.#deliveries.length
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Stream sequence of the last message that was handed out. */
  get delivered(): number {
    return this.#delivered
  }

  push(delivery: StreamDelivery): void {
    this.#deliveries.push(delivery)
    this.#bytes += delivery.bytes.length
    this.#notify()
  }

  /** Drops what was not handed out. */
  clear(): void {
    this.#deliveries = []
    this.#bytes = 0
  }

  /** What is there is still handed out, then the error is thrown. */
  fail(error: EdsError): void {
    this.#failure ??= error
    this.#notify()
  }

  end(): void {
    this.#ended = true
    this.clear()
    this.#notify()
  }

  /** All that is there, waiting until there is something; `undefined` after the end. One caller at a time. */
  async next(): Promise<readonly StreamDelivery[] | undefined> {
    for (;;) {
      if (this.#ended) return undefined
      if (this.#deliveries.length > 0) return this.#take()
      if (this.#failure) throw this.#failure
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  #take(): readonly StreamDelivery[] {
    const chunk = this.#deliveries
    this.#delivered = chunk.at(-1)?.sequence ?? this.#delivered
    this.clear()
    return chunk
  }

  #notify(): void {
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }
}
