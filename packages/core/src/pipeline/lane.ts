import type { Driver } from '../driver.js'
import { EdsError, toEdsError } from '../errors.js'
import type { Position } from '../position.js'
import type { Clock } from '../runtime.js'
import type { Delivery, OpenRequest, Source, SourceReader, StartAt } from '../source.js'
import type { CarefulWriter } from './careful-writer.js'
import type { DeadLetterDesk } from './dead-letter-desk.js'
import { decodeEvent } from './decode.js'
import { type BatchBounds, Dispatcher } from './dispatcher.js'
import type { LaneMonitor } from './lane-monitor.js'
import type { LaneProgress } from './lane-progress.js'
import { LetterTally } from './letter-outcome.js'
import { type LetterTools, retryLetters, skipLetters } from './letter-tasks.js'
import type { PendingBatch } from './pending-batch.js'
import { type Retrier, Stopped } from './retrier.js'
import { runStages } from './run-stages.js'
import type { SchemaDesk } from './schema-desk.js'
import type { DeadLetterOutcome, EventStage, LaneHandle, LaneStatus } from './types.js'

/** How long an aborted write may take to end. */
const abortGraceMs = 5_000

/** Everything a lane works with, already wired. */
export interface LaneParts {
  readonly name: string
  readonly driverName: string
  readonly source: Source
  readonly driver: Driver
  readonly bounds: BatchBounds
  readonly stages: readonly EventStage[]
  readonly start: StartAt
  /** False for live sinks: each run begins at now, whatever was delivered before. */
  readonly resumes: boolean
  /** True when a replay must bring the same batches. */
  readonly stable: boolean
  readonly drainMs: number
  readonly clock: Clock
  readonly monitor: LaneMonitor
  readonly progress: LaneProgress
  readonly retrier: Retrier
  readonly writer: CarefulWriter
  readonly desk: DeadLetterDesk | undefined
  readonly schemas: SchemaDesk | undefined
  /** Aborted to end the lane. */
  readonly stop: AbortController
  /** Aborted to end open writes. */
  readonly hardStop: AbortController
}

/** One sink's way from the source: reads, decodes, dispatches, commits, and starts over when the source breaks. */
export class Lane implements LaneHandle {
  readonly name: string
  readonly #parts: LaneParts
  #dispatcher: Dispatcher | undefined
  #reader: SourceReader | undefined
  #lastRead: Position = ''
  /** The end of what is done with: at the destination, set aside or skipped. */
  #through: Position | undefined
  #fatal: EdsError | undefined
  /** Readers in a row that broke before they brought anything. */
  #failures = 0
  #commit: Promise<void> = Promise.resolve()
  /** What is written before the first reader is open. */
  #repair: Promise<unknown> = Promise.resolve()
  #wake: (() => void) | undefined
  readonly #ended = new AbortController()

  constructor(parts: LaneParts) {
    this.name = parts.name
    this.#parts = parts
  }

  /** Resolves when the source ended or the signal aborted; rejects when the lane failed for good. */
  async run(signal: AbortSignal): Promise<void> {
    const { stop, driver, monitor } = this.#parts
    const onAbort = () => this.#stop()
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    try {
      await this.#start()
      let isDone = false
      while (!isDone && !stop.signal.aborted) isDone = await this.#session()
    } catch (error) {
      if (!(error instanceof Stopped)) this.#fatal ??= toEdsError(error)
    } finally {
      signal.removeEventListener('abort', onAbort)
      stop.abort()
      this.#ended.abort()
      await driver.close().catch(() => {})
      await this.#parts.desk?.dispose()
      monitor.enter('stopped', this.#fatal)
    }
    if (this.#fatal) throw this.#fatal
  }

  status(): LaneStatus {
    const { progress, monitor, desk, driverName } = this.#parts
    const batches = this.#dispatcher?.batches ?? []
    const durable = progress.durable
    const behind = this.#reader?.behind?.()
    return {
      sink: this.name,
      driver: driverName,
      ...monitor.facts,
      pendingEvents: sum(batches, ({ deliveries }) => deliveries),
      pendingBytes: sum(batches, ({ bytes }) => bytes),
      deadLetters: desk?.size ?? 0,
      ...(durable && { position: durable.position, positionTime: durable.time }),
      ...(batches[0] && { oldestPendingTime: batches[0].first.time }),
      ...(behind !== undefined && { behindEvents: behind }),
    }
  }

  async pause(): Promise<void> {
    const { monitor } = this.#parts
    monitor.paused = true
    await this.#repair
    await this.#dispatcher?.pause()
    if (monitor.paused && monitor.state === 'running') monitor.enter('paused')
  }

  resume(): void {
    const { monitor } = this.#parts
    monitor.paused = false
    if (monitor.state === 'paused') monitor.enter('running')
    this.#dispatcher?.resume()
  }

  retryDeadLetters(ids?: readonly Position[]): Promise<DeadLetterOutcome> {
    const chosen = ids && new Set(ids)
    return this.#withLetters(ids, (desk) => {
      this.#parts.schemas?.forgetRefusals()
      return retryLetters(this.#letterTools(desk), ({ id }) => chosen?.has(id) ?? true)
    })
  }

  skipDeadLetters(ids?: readonly Position[]): Promise<DeadLetterOutcome> {
    return this.#withLetters(ids, (desk) => skipLetters(this.#letterTools(desk), ids && new Set(ids)))
  }

  #letterTools(desk: DeadLetterDesk): LetterTools {
    return { ...this.#parts, desk, through: this.#through }
  }

  #withLetters(
    ids: readonly Position[] = [],
    action: (desk: DeadLetterDesk) => Promise<DeadLetterOutcome>,
  ): Promise<DeadLetterOutcome> {
    const { desk } = this.#parts
    if (!desk) return Promise.resolve(new LetterTally().outcome(ids))
    if (!this.#dispatcher || this.#parts.stop.signal.aborted) {
      return Promise.reject(new EdsError('connection', `the sink ${this.name} is not running`))
    }
    const settle = async () => {
      const unknown = desk.unknown(ids)
      if (unknown.length === 0) return action(desk)
      // What a repair that was cut short has left is due all the same.
      return { ...(await retryLetters(this.#letterTools(desk), () => false)), unknown }
    }
    return this.#dispatcher.exclusively(settle).finally(() => this.#parts.retrier.succeeded())
  }

  async #start(): Promise<void> {
    const { progress, desk, retrier, driver, schemas, hardStop } = this.#parts
    await retrier.untilDone(() => progress.load())
    this.#through = progress.durable?.position
    await retrier.untilDone(async () => desk?.load())
    await retrier.untilDone(() => driver.connect(hardStop.signal))
    await retrier.untilDone(async () => schemas?.prepare(desk?.samples ?? [], hardStop.signal), { reconnects: true })
    await retrier.untilDone(() => this.#finishRepair())
    if (!this.#parts.resumes) progress.forget()
  }

  /** Applies what a repair that was cut short would have applied next. */
  async #finishRepair(): Promise<void> {
    const { desk, monitor } = this.#parts
    if (!desk?.hasOrphans || monitor.paused) return
    const repair = retryLetters(this.#letterTools(desk), () => false)
    this.#repair = repair.catch(() => {})
    await repair
  }

  /** One reader's life. Resolves to true when the source is read through or the lane stops; false to open another. */
  async #session(): Promise<boolean> {
    const { source, retrier, monitor } = this.#parts
    await retrier.untilDone(async () => {
      this.#reader = await source.open(this.#openRequest())
    })
    const reader = this.#reader
    if (!reader) return true
    this.#lastRead = this.#parts.progress.durable?.position ?? ''
    const dispatcher = this.#newDispatcher(reader)
    this.#dispatcher = dispatcher
    monitor.enter(monitor.paused ? 'paused' : 'running')
    try {
      await this.#pump(reader, dispatcher)
      if (!this.#parts.stop.signal.aborted) await dispatcher.finish()
      return true
    } catch (error) {
      const failure = toEdsError(error)
      if (!failure.retryable) this.#fatal ??= failure
      else if (!this.#parts.stop.signal.aborted) await this.#backOff(dispatcher, failure)
      return !failure.retryable
    } finally {
      await dispatcher.settle()
      dispatcher.halt()
      await this.#commit
      await reader.close()
      this.#reader = undefined
    }
  }

  async #backOff(dispatcher: Dispatcher, error: EdsError): Promise<void> {
    await dispatcher.settle()
    await this.#parts.retrier.wait(error, ++this.#failures)
  }

  #openRequest(): OpenRequest {
    const { name, progress, start, stop } = this.#parts
    const after = progress.durable?.position
    return { cursor: name, start, signal: stop.signal, ...(after !== undefined && { after }) }
  }

  #newDispatcher(reader: SourceReader): Dispatcher {
    const { driver, bounds, clock, writer, hardStop, progress, desk, stable } = this.#parts
    const dispatcher = new Dispatcher({
      driver,
      bounds: stable ? { ...bounds, maxInFlight: 1 } : bounds,
      clock,
      writer,
      signal: hardStop.signal,
      replayUntil: stable ? progress.openCut?.last : undefined,
      add: (batch, delivery) => this.#add(batch, delivery),
      needsCare: (batch) =>
        stable || batch.unprepared || batch.rejected.length > 0 || batch.events.length === 0 || (desk?.size ?? 0) > 0,
      beforeCare: async (batch) => {
        if (stable) await progress.begin({ first: batch.first.position, last: batch.last.position })
      },
      onDone: (batch, writeMs) => this.#done(batch, writeMs, reader),
      onFatal: (error) => this.#fail(error),
    })
    if (this.#parts.monitor.paused) void dispatcher.pause()
    return dispatcher
  }

  async #pump(reader: SourceReader, dispatcher: Dispatcher): Promise<void> {
    const iterator = reader[Symbol.asyncIterator]()
    for (let chunk = await this.#next(iterator); chunk; chunk = await this.#next(iterator)) {
      this.#failures = 0
      for (const delivery of this.#unseen(chunk)) {
        while (!dispatcher.offer(delivery)) {
          if (this.#parts.stop.signal.aborted) return
          await dispatcher.changed()
        }
      }
      dispatcher.advance()
    }
  }

  /** The next chunk; `undefined` at the end of the source or when the lane stops. One promise per chunk. */
  #next(iterator: AsyncIterator<readonly Delivery[]>): Promise<readonly Delivery[] | undefined> {
    return new Promise((resolve, reject) => {
      if (this.#parts.stop.signal.aborted) return resolve(undefined)
      this.#wake = () => resolve(undefined)
      iterator.next().then(({ done, value }) => resolve(done ? undefined : value), reject)
    })
  }

  /** A reader that was opened anew may repeat what has been seen. */
  #unseen(chunk: readonly Delivery[]): readonly Delivery[] {
    const first = chunk[0]
    const last = chunk.at(-1)
    if (!first || !last) return chunk
    const unseen = first.position > this.#lastRead ? chunk : chunk.filter(({ position }) => position > this.#lastRead)
    if (last.position > this.#lastRead) this.#lastRead = last.position
    return unseen
  }

  #add(batch: PendingBatch, delivery: Delivery): void {
    const { stages, schemas } = this.#parts
    try {
      const event = runStages(decodeEvent(delivery), stages)
      if (!event) {
        batch.addSkipped(delivery)
        return
      }
      batch.addEvent(delivery, event)
      if (schemas && !batch.unprepared && !schemas.isReady(event)) batch.unprepared = true
    } catch (error) {
      const failure = toEdsError(error)
      batch.addRejected(
        delivery,
        failure.code === 'record' ? failure : new EdsError('record', failure.message, { cause: error }),
      )
    }
  }

  #done(batch: PendingBatch, writeMs: number, reader: SourceReader): void {
    const { monitor, progress, clock, retrier } = this.#parts
    const { bytes, skipped, deliveries } = batch
    const processingMs = Math.max(0, clock.now() - batch.first.time)
    retrier.succeeded()
    monitor.batch({ events: deliveries - skipped, bytes, skipped, writeMs, processingMs })
    this.#through = batch.last.position
    this.#commit = progress.commit(batch.last, reader).catch(() => {})
  }

  #fail(error: unknown): void {
    if (!(error instanceof Stopped)) this.#fatal ??= toEdsError(error)
    this.#stop()
  }

  /** Ends reading at once; open writes get `drainMs` to settle. */
  #stop(): void {
    const { stop } = this.#parts
    if (stop.signal.aborted) return
    stop.abort()
    this.#dispatcher?.halt()
    this.#wake?.()
    void this.#enforceEnd()
  }

  /** Aborts writes that take too long, and goes without those that do not end even so. */
  async #enforceEnd(): Promise<void> {
    const { clock, drainMs, hardStop } = this.#parts
    await clock.sleep(drainMs, this.#ended.signal)
    hardStop.abort()
    await clock.sleep(abortGraceMs, this.#ended.signal)
    if (this.#ended.signal.aborted) return
    this.#fatal ??= new EdsError(
      'timeout',
      `a write of ${this.name} did not end when it was aborted; its events will come again`,
    )
    this.#dispatcher?.abandon()
  }
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0)
}
