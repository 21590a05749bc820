import { z } from 'zod'
import { EdsError } from '../errors.js'
import type { Position } from '../position.js'
import type { StateStore } from '../runtime.js'
import type { Delivery, SourceReader } from '../source.js'

const storedPosition = z.object({ position: z.string(), time: z.number() })
const storedCut = z.object({ first: z.string(), last: z.string() })

export interface DurablePosition {
  readonly position: Position
  /** When the source stored that event, epoch milliseconds. */
  readonly time: number
}

export type Cut = z.infer<typeof storedCut>

/** Repeats an action on state or dead letters until it succeeds; rejects only when the lane was told to stop. */
export type Persist = (action: () => Promise<void>) => Promise<void>

/**
 * The lane's own durable place in its source. Written to the state store after a batch is durable at the destination, and only
 * then acknowledged to the source: whatever dies in between, the lane resumes from what it knows to be done.
 */
export class LaneProgress {
  readonly #state: StateStore
  readonly #persist: Persist
  #durable: DurablePosition | undefined
  #cut: Cut | undefined
  #next: { delivery: Delivery; reader: SourceReader } | undefined
  #saving: Promise<void> | undefined

  constructor(state: StateStore, persist: Persist) {
    this.#state = state
    this.#persist = persist
  }

  async load(): Promise<void> {
    this.#durable = parseState('position', await this.#state.get('position'), storedPosition)
    this.#cut = parseState('cut', await this.#state.get('cut'), storedCut)
    if (this.#cut && this.#durable && this.#cut.last <= this.#durable.position) this.#cut = undefined
  }

  /** Begins anew: for sinks that have no use for what they missed. */
  forget(): void {
    this.#durable = undefined
    this.#cut = undefined
  }

  /** The last position that is durable at the destination and in the state store. */
  get durable(): DurablePosition | undefined {
    return this.#durable
  }

  /** The batch that was being written when the last run ended, when the driver needs the same batch again. */
  get openCut(): Cut | undefined {
    return this.#cut
  }

  /** Records the cut of a stable batch before it is written. */
  async begin(cut: Cut): Promise<void> {
    // The cut takes the place of the one before it, whose end has to be on record first: a replay begins behind the position.
    await this.#saving
    if (this.#cut?.first === cut.first && this.#cut.last === cut.last) return
    await this.#persist(() => this.#state.write({ cut: JSON.stringify(cut) }))
    this.#cut = cut
  }

  /**
   * Everything up to `delivery` is durable at the destination. Saves the position, then acknowledges. Calls that come while one
   * is being saved are merged. Resolves when this position is saved.
   */
  commit(delivery: Delivery, reader: SourceReader): Promise<void> {
    this.#next = { delivery, reader }
    this.#saving ??= this.#save().finally(() => {
      this.#saving = undefined
    })
    return this.#saving
  }

  async #save(): Promise<void> {
    for (let next = this.#next; next !== undefined; next = this.#next) {
      this.#next = undefined
      const durable = { position: next.delivery.position, time: next.delivery.time }
      const changes = { position: JSON.stringify(durable), ...(this.#cut && { cut: undefined }) }
      await this.#persist(() => this.#state.write(changes))
      this.#durable = durable
      this.#cut = undefined
      // A lost acknowledgement costs a redelivery, nothing more: the position above is what counts.
      await next.reader.acknowledge(next.delivery).catch(() => {})
    }
  }
}

function parseState<T>(key: string, text: string | undefined, schema: z.ZodType<T>): T | undefined {
  if (text === undefined) return undefined
  try {
    return schema.parse(JSON.parse(text))
  } catch (cause) {
    throw new EdsError('configuration', `the state store holds an unreadable "${key}"`, {
      cause,
      fix: 'restore the state folder from a copy, or remove it to start from what the source remembers',
    })
  }
}
