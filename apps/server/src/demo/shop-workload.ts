import type { TableSchema } from '@eds/core'
import { type ShopEvent, type ShopOptions, shopEvents, shopSchemas } from '@eds/shop'

/** So many events are made beforehand, so that the demo shows the speed of the delivery and not of making up rows. */
const ahead = 20_000
/** Rows of about a kilobyte. */
const rowBytes = 'small'

/** The events of a made-up repair shop. */
export class ShopWorkload {
  readonly #options: ShopOptions
  readonly #ready: ShopEvent[] = []
  #rest: Iterator<ShopEvent> | undefined

  constructor(options: Pick<ShopOptions, 'seed' | 'events'>) {
    this.#options = { ...options, rowBytes }
  }

  readonly schemas: readonly TableSchema[] = shopSchemas({ rowBytes }).versions

  /** Makes the first events. Takes a second. */
  prepare(): void {
    const events = shopEvents(this.#options)[Symbol.iterator]()
    while (this.#ready.length < Math.min(ahead, this.#options.events)) this.#ready.push(events.next().value)
    this.#rest = events
  }

  /** All but the first `after`. The same each time. */
  *from(after: number): Generator<ShopEvent> {
    const rest = this.#rest
    this.#rest = undefined
    if (rest && after === 0) {
      yield* this.#ready.splice(0)
      yield* { [Symbol.iterator]: () => rest }
      return
    }
    let index = 0
    for (const event of shopEvents(this.#options)) if (index++ >= after) yield event
  }
}
