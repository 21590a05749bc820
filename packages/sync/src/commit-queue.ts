import { type Clock, type EdsError, toEdsError } from '@eds/core'
import type { CommandContext } from './commands.js'
import type { SyncConfig } from './config.js'
import { microseconds } from './date.js'
import { type Head, parseHead } from './head.js'
import { Step } from './step.js'
import type { StoredHead, SyncStorage } from './storage.js'
import { hasTrash } from './trash.js'
import { newName } from './writer-name.js'

/** Changes the draft; may run several times, each time on a fresh one. */
export type Command<T> = (step: Step, context: CommandContext) => Promise<T> | T

interface Waiting {
  readonly run: Command<unknown>
  readonly bytes: number
  readonly resolve: (value: unknown) => void
  readonly reject: (error: EdsError) => void
}

/** One step takes no more. */
const maxCommands = 1_000
const maxBytes = 8_000_000

export interface CommitQueueOptions {
  readonly config: SyncConfig
  readonly storage: SyncStorage
  readonly clock: Clock
  readonly random: () => number
  /** Called with each new head. */
  readonly onHead: (head: Head) => void
}

/** Carries out commands in their order. Those that come while a step is being stored go into the next one, together. */
export class CommitQueue {
  readonly instance: string
  readonly #options: CommitQueueOptions
  #writer: string
  #isAnnounced = false
  #waiting: Waiting[] = []
  #running: Promise<void> | undefined
  #stored: StoredHead | undefined
  #isCleaning = false

  constructor(options: CommitQueueOptions) {
    this.#options = options
    this.instance = newName(options.random)
    this.#writer = newName(options.random)
  }

  /** For a store that nobody else has open: goes on with the lines of before. */
  useWriter(writer: string): void {
    this.#writer = writer
  }

  /** Resolves with what the command returned when its step is durable. `bytes`: of what it stores. */
  submit<T>(run: Command<T>, bytes = 0): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      // Resolved with what `run` returned, and nothing else.
      this.#waiting.push({ run, bytes, resolve: resolve as (value: unknown) => void, reject })
      this.#running ??= this.#run()
    })
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      // All sockets get their turn first, so that what arrived together is stored together.
      await new Promise((resolve) => setImmediate(resolve))
      await this.#commitAll(this.#take())
    }
    this.#running = undefined
  }

  #take(): Waiting[] {
    let bytes = 0
    let count = 0
    for (const waiting of this.#waiting.slice(0, maxCommands)) {
      bytes += waiting.bytes
      if (count > 0 && bytes > maxBytes) break
      count++
    }
    return this.#waiting.splice(0, count)
  }

  async #commitAll(batch: Waiting[]): Promise<void> {
    for (let losses = 0; batch.length > 0; losses++) {
      try {
        const outcome = await this.#attempt(batch)
        if (outcome === 'stored') return
        if (outcome === 'lost') await this.#giveWay(losses)
      } catch (error) {
        this.#stored = undefined
        // What was under way may still arrive: never write to the same places again.
        if (this.#options.storage.shared) this.#renewWriter()
        for (const { reject } of batch) reject(toEdsError(error))
        return
      }
    }
  }

  /** `again`: a command failed by itself, was taken out of the batch, and the others begin anew. */
  async #attempt(batch: Waiting[]): Promise<'stored' | 'lost' | 'again'> {
    const { storage, clock, config } = this.#options
    this.#stored ??= await storage.load()
    const head = parseHead(this.#stored.text)
    if (this.#isAnnounced && head.writers[this.#writer] === undefined) this.#renewWriter()
    const step = new Step(head, storage)
    const context = { config, writer: this.#writer, instance: this.instance, now: microseconds(clock.now()) }
    const values: unknown[] = []
    for (const [index, waiting] of batch.entries()) {
      try {
        values.push(await waiting.run(step, context))
      } catch (error) {
        batch.splice(index, 1)
        waiting.reject(toEdsError(error))
        this.#stored = undefined
        return 'again'
      }
    }
    const isStored = await this.#store(step, this.#stored)
    if (!isStored) return 'lost'
    this.#isAnnounced = head.writers[this.#writer] !== undefined
    for (const [index, { resolve }] of batch.entries()) resolve(values[index])
    this.#options.onHead(head)
    this.#cleanUp(head)
    return 'stored'
  }

  async #store(step: Step, stored: StoredHead): Promise<boolean> {
    const change = step.change(stored)
    if (change.head === stored.text) return true
    const revision = await this.#options.storage.commit(change)
    this.#stored = revision === undefined ? undefined : { text: change.head, revision }
    return revision !== undefined
  }

  /** What the steps threw away goes with further ones, even when nothing else happens. */
  #cleanUp(head: Head): void {
    if (this.#isCleaning || !hasTrash(head)) return
    this.#isCleaning = true
    const done = () => {
      this.#isCleaning = false
    }
    // When it fails, the next step tries again.
    this.submit(() => {
      done()
    }).catch(done)
  }

  /** Another instance was quicker. */
  async #giveWay(losses: number): Promise<void> {
    if (losses < 2) return
    await this.#options.clock.sleep(this.#options.random() * Math.min(50, 2 ** losses))
  }

  #renewWriter(): void {
    this.#writer = newName(this.#options.random)
    this.#isAnnounced = false
  }
}
