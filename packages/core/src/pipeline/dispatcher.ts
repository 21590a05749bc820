import { type Driver, type WriteResult, written } from '../driver.js'
import { EdsError, toEdsError } from '../errors.js'
import type { Position } from '../position.js'
import type { Clock } from '../runtime.js'
import type { Delivery } from '../source.js'
import type { CarefulWriter } from './careful-writer.js'
import { PendingBatch } from './pending-batch.js'
import { Stopped } from './retrier.js'
import type { WriteOutcome } from './write-attempts.js'

export interface BatchBounds {
  readonly maxBatchEvents: number
  readonly maxBatchBytes: number
  readonly maxInFlight: number
  readonly lingerMs: number
}

export interface DispatcherOptions {
  readonly driver: Driver
  readonly bounds: BatchBounds
  readonly clock: Clock
  readonly writer: CarefulWriter
  /** Puts one delivery into the batch: decoded, rejected or skipped. Never throws. */
  readonly add: (batch: PendingBatch, delivery: Delivery) => void
  /** True when the batch must go the careful way. */
  readonly needsCare: (batch: PendingBatch) => boolean
  /** Runs before a batch is written the careful way. */
  readonly beforeCare: (batch: PendingBatch) => Promise<void>
  /** The batch is durable or set aside. Called in order. */
  readonly onDone: (batch: PendingBatch, writeMs: number) => void
  /** The lane cannot go on. Called once. */
  readonly onFatal: (error: unknown) => void
  /** Aborts open writes. */
  readonly signal: AbortSignal
  /** The end of a batch that a former run began and that must come again as it was. */
  readonly replayUntil: Position | undefined
}

interface OpenWrite {
  readonly batch: PendingBatch
  readonly startedAt: number
  outcome?: WriteOutcome
}

/**
 * Group commit: when the destination is idle, what is there is written at once; while a write is open, the next batch fills.
 * A further write opens only with a full batch. Whatever is out of the ordinary waits until all writes have settled and then
 * goes, alone, through the {@link CarefulWriter}.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions
  readonly #open: OpenWrite[] = []
  readonly #tasks: { readonly run: () => Promise<void>; readonly reject: (error: unknown) => void }[] = []
  readonly #waiters: (() => void)[] = []
  #pending: PendingBatch
  #replayUntil: Position | undefined
  #careful: PendingBatch[] = []
  #busy = false
  #paused = false
  #ended = false
  #halted = false
  #full = false
  #lingering = false
  #abandoned = false
  #turn: 'none' | 'asked for' | 'own' = 'none'

  constructor(options: DispatcherOptions) {
    this.#options = options
    this.#replayUntil = options.replayUntil
    this.#pending = this.#newBatch()
  }

  /** Everything that is read and not yet durable, oldest first. */
  get batches(): readonly PendingBatch[] {
    const open = [...this.#careful, ...this.#open.map(({ batch }) => batch)]
    return this.#pending.empty ? open : [...open, this.#pending]
  }

  /** Takes a delivery, or answers false when there is no room; then {@link changed} tells when to try again. */
  offer(delivery: Delivery): boolean {
    if (!this.#hasRoom(delivery)) {
      this.#full = true
      this.#advance()
      if (this.#halted || !this.#hasRoom(delivery)) return false
    }
    this.#options.add(this.#pending, delivery)
    return true
  }

  /** Writes what may be written now. Call after each chunk. */
  advance(): void {
    this.#advance()
  }

  /** Resolves at the next change of what is open or waiting. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve))
  }

  /** Nothing more will come: write what is there without waiting, and resolve when all of it is durable. */
  async finish(): Promise<void> {
    this.#ended = true
    this.#advance()
    while (!this.#halted && !(this.#quiet && this.#pending.empty)) await this.changed()
  }

  /** Drops what is not being written and resolves when the rest has settled. The reader will bring it again. */
  async settle(): Promise<void> {
    this.#pending = this.#newBatch()
    while (!this.#quiet) await this.changed()
    this.#pending = this.#newBatch()
  }

  /** Starts nothing any more. */
  halt(): void {
    this.#halted = true
    for (const { reject } of this.#tasks.splice(0)) reject(interrupted())
    this.#notify()
  }

  /** Forgets writes that do not end although they were aborted. What they came to is unknown, so nothing of it is committed. */
  abandon(): void {
    this.#abandoned = true
    this.#open.length = 0
    this.#busy = false
    this.#notify()
  }

  async pause(): Promise<void> {
    this.#paused = true
    while (!this.#quiet && !this.#halted) await this.changed()
  }

  resume(): void {
    this.#paused = false
    this.#advance()
  }

  /** Runs between two batches, with no write open. When the action fails in a way that will not pass, so does the lane. */
  exclusively<T>(action: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const run = async () => {
        try {
          resolve(await action())
        } catch (error) {
          const isStopped = error instanceof Stopped
          reject(isStopped ? interrupted() : error)
          if (isStopped || !toEdsError(error).retryable) throw error
        }
      }
      if (this.#halted) return reject(interrupted())
      this.#tasks.push({ run, reject })
      this.#advance()
    })
  }

  get #quiet(): boolean {
    return this.#open.length === 0 && !this.#busy
  }

  #newBatch(): PendingBatch {
    this.#full = false
    return new PendingBatch(this.#options.clock.now())
  }

  #hasRoom(delivery: Delivery): boolean {
    const { maxBatchEvents, maxBatchBytes } = this.#options.bounds
    const pending = this.#pending
    if (pending.empty) return true
    if (this.#replayUntil !== undefined) return delivery.position <= this.#replayUntil
    return pending.deliveries < maxBatchEvents && pending.bytes + delivery.bytes.length <= maxBatchBytes
  }

  #advance(): void {
    while (!this.#halted) {
      const task = this.#quiet ? this.#tasks.shift() : undefined
      if (task) this.#alone(task.run)
      else if (this.#mayWrite()) this.#write()
      else break
    }
    this.#notify()
  }

  #mayWrite(): boolean {
    if (this.#busy || this.#paused || this.#pending.empty || this.#tasks.length > 0) return false
    if (
      this.#replayUntil !== undefined &&
      this.#pending.last.position < this.#replayUntil &&
      !this.#full &&
      !this.#ended
    )
      return false
    if (this.#open.length === 0) return this.#isDue()
    const mayOverlap = this.#open.length < this.#options.bounds.maxInFlight && this.#isFull()
    return mayOverlap && !this.#options.needsCare(this.#pending) && this.#hasSeenAll()
  }

  /**
   * A batch must not be sent behind one that has failed already, when only the news of it is still on its way through promises. In a
   * turn of its own all such news have arrived.
   */
  #hasSeenAll(): boolean {
    if (this.#turn === 'own') return true
    if (this.#turn === 'none') {
      this.#turn = 'asked for'
      setImmediate(() => {
        this.#turn = 'own'
        this.#advance()
        this.#turn = 'none'
      })
    }
    return false
  }

  #isFull(): boolean {
    return this.#full || this.#pending.deliveries >= this.#options.bounds.maxBatchEvents
  }

  #isDue(): boolean {
    const { bounds, clock } = this.#options
    if (bounds.lingerMs === 0 || this.#ended || this.#isFull() || this.#replayUntil !== undefined) return true
    const rest = this.#pending.readAt + bounds.lingerMs - clock.now()
    if (rest <= 0) return true
    if (!this.#lingering) this.#linger(rest)
    return false
  }

  #linger(ms: number): void {
    this.#lingering = true
    void this.#options.clock.sleep(ms, this.#options.signal).then(() => {
      this.#lingering = false
      this.#advance()
    })
  }

  #write(): void {
    const batch = this.#pending
    this.#pending = this.#newBatch()
    this.#replayUntil = undefined
    if (this.#options.needsCare(batch)) this.#deliverAlone([{ batch, startedAt: this.#options.clock.now() }])
    else this.#launch(batch)
  }

  #launch(batch: PendingBatch): void {
    const write: OpenWrite = { batch, startedAt: this.#options.clock.now() }
    this.#open.push(write)
    this.#call(batch).then(
      (result) => this.#settled(write, { result }),
      (error: unknown) => this.#settled(write, { error }),
    )
  }

  async #call(batch: PendingBatch): Promise<WriteResult> {
    return (await this.#options.driver.write(batch.toEventBatch(), this.#options.signal)) ?? written
  }

  #settled(write: OpenWrite, outcome: WriteOutcome): void {
    write.outcome = outcome
    for (let head = this.#open[0]; head?.outcome && isClean(head.outcome); head = this.#open[0]) {
      this.#open.shift()
      this.#done(head)
    }
    if (this.#open.length > 0 && this.#open.every(({ outcome }) => outcome !== undefined))
      this.#deliverAlone(this.#open.splice(0))
    this.#advance()
  }

  /** In order and one at a time. Only the first one's outcome counts: what came behind a failed write was not applied. */
  #deliverAlone(writes: readonly OpenWrite[]): void {
    this.#careful = writes.map(({ batch }) => batch)
    this.#alone(async () => {
      for (const [index, write] of writes.entries()) {
        await this.#options.beforeCare(write.batch)
        await this.#options.writer.deliver(write.batch, index === 0 ? write.outcome : undefined)
        this.#careful.shift()
        this.#done(write)
      }
    })
  }

  #alone(task: () => Promise<void>): void {
    this.#busy = true
    task().then(
      () => {
        this.#busy = false
        this.#advance()
      },
      (error: unknown) => {
        this.#busy = false
        this.#careful = []
        this.#options.onFatal(error)
        this.#notify()
      },
    )
  }

  #done({ batch, startedAt }: OpenWrite): void {
    if (this.#abandoned) return
    this.#options.onDone(batch, this.#options.clock.now() - startedAt)
  }

  #notify(): void {
    for (const resolve of this.#waiters.splice(0)) resolve()
  }
}

function isClean(outcome: WriteOutcome): boolean {
  return 'result' in outcome && !outcome.result.failures?.length
}

function interrupted(): EdsError {
  return new EdsError('connection', 'the lane is starting over or stopping; try again')
}
