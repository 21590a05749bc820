import type { StateStore } from '@eds/core'
import { parsePosition, positionOf } from './position.js'
import type { Anchor } from './sequence-guard.js'

/**
 * Remembers, while a consumer is being made anew, where it must go on: between its deletion and its creation the server knows
 * nothing of it. Without a store it remembers nothing.
 */
export class RestartNote {
  readonly #state: StateStore | undefined
  readonly #key: string

  constructor(state: StateStore | undefined, stream: string, consumer: string) {
    this.#state = state
    this.#key = `restart/${stream}/${consumer}`
  }

  async read(): Promise<Anchor | undefined> {
    const text = await this.#state?.get(this.#key)
    if (text === undefined) return undefined
    const { sequence, time } = parsePosition(text)
    return time === 0 ? { sequence } : { sequence, time }
  }

  async write({ sequence, time = 0 }: Anchor): Promise<void> {
    await this.#state?.write({ [this.#key]: positionOf({ sequence, time }) })
  }

  async clear(): Promise<void> {
    await this.#state?.write({ [this.#key]: undefined })
  }
}
