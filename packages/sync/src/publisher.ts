import { setMaxListeners } from 'node:events'
import { type Clock, EdsError, type Logger, toEdsError } from '@eds/core'
import type { CommitQueue } from './commit-queue.js'
import { type Firing, parseFiring } from './firing.js'
import { type Head, parseFiringName, unsettled } from './head.js'
import { type MessageReaderOptions, readMessage } from './message-reader.js'
import { settleRefused, settleSent } from './settle.js'
import type { SyncOptions } from './sync.js'

export interface PublisherOptions extends MessageReaderOptions {
  readonly queue: CommitQueue
  readonly send: SyncOptions['send']
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
}

export interface PublishingError {
  readonly message: string
  /** What to do about it. */
  readonly fix?: string
  /** Epoch milliseconds. */
  readonly time: number
  readonly attempts: number
}

/** Messages under way at a time, and how far they may be ahead of the oldest. */
const maxInFlight = 32
const maxAhead = 256

const backoff = { baseMs: 100, maxMs: 30_000 }

/** Publishes the firings of this instance, several at a time; each until it succeeds, is put aside or belongs to another instance. */
export class Publisher {
  readonly #options: PublisherOptions
  readonly #stop = new AbortController()
  readonly #inFlight = new Map<string, Promise<void>>()
  #head: Head | undefined
  lastError: PublishingError | undefined

  constructor(options: PublisherOptions) {
    this.#options = options
    // Each message under way may listen twice: while it is sent and while it waits.
    setMaxListeners(4 * maxInFlight, this.#stop.signal)
  }

  /** Looks at a new head for what is to be done. */
  see(head: Head): void {
    this.#head = head
    if (this.#stop.signal.aborted) return
    for (const [writer, entry] of Object.entries(head.writers)) {
      if (entry.publisher !== this.#options.queue.instance || entry.settled === entry.fired) continue
      for (const number of unsettled(entry, maxAhead)) {
        if (this.#inFlight.size >= maxInFlight) return
        this.#begin(`${writer}-${number}`)
      }
    }
  }

  /** Begins nothing more; resolves when nothing is under way. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await Promise.all(this.#inFlight.values())
  }

  #begin(name: string): void {
    if (this.#inFlight.has(name)) return
    const work = this.#publish(name).finally(() => {
      this.#inFlight.delete(name)
      if (this.#head !== undefined) this.see(this.#head)
    })
    this.#inFlight.set(name, work)
  }

  async #publish(name: string): Promise<void> {
    for (let attempt = 1; this.#isOurs(name); attempt++) {
      try {
        await this.#attempt(name)
        this.lastError = undefined
        return
      } catch (error) {
        if (this.#stop.signal.aborted) return
        await this.#pause(toEdsError(error), attempt)
      }
    }
  }

  async #attempt(name: string): Promise<void> {
    const { storage, queue, send } = this.#options
    const text = await storage.readFiring(name)
    if (text === undefined) throw new EdsError('unknown', `${storage.description}: firing ${name} is gone`)
    const firing = parseFiring(text)
    try {
      await send(await readMessage(firing, this.#options), this.#stop.signal, name)
    } catch (error) {
      await this.#refuse(firing, toEdsError(error))
      return
    }
    await queue.submit((step) => settleSent(step, firing))
  }

  /** Puts the message aside when it can never be sent; otherwise throws again. */
  async #refuse(firing: Firing, error: EdsError): Promise<void> {
    if (error.code !== 'record') throw error
    const reason = withFix(error)
    this.#options.logger.error({ firing: firing.name }, reason)
    await this.#options.queue.submit((step) => settleRefused(step, firing, reason))
  }

  #isOurs(name: string): boolean {
    const { writer, number } = parseFiringName(name)
    const entry = this.#head?.writers[writer]
    if (this.#stop.signal.aborted || entry?.publisher !== this.#options.queue.instance) return false
    return number > entry.settled && !entry.done.includes(number)
  }

  async #pause(error: EdsError, attempts: number): Promise<void> {
    const { clock, random, logger } = this.#options
    if (this.lastError === undefined) logger.warn({ code: error.code }, `a message stays due: ${withFix(error)}`)
    const { message, fix } = error
    this.lastError = { message, ...(fix === undefined ? {} : { fix }), time: clock.now(), attempts }
    const step = Math.min(backoff.maxMs, backoff.baseMs * 2 ** Math.min(attempts - 1, 20))
    await clock.sleep(Math.max(step * (0.5 + 0.5 * random()), error.retryAfterMs ?? 0), this.#stop.signal)
  }
}

function withFix({ message, fix }: EdsError): string {
  return fix === undefined ? message : `${message}; ${fix}`
}
