import {
  type ChangeEvent,
  type Driver,
  EdsError,
  type EventBatch,
  type SchemaSupport,
  type TableSchema,
  toEdsError,
  type WriteFailure,
  type WriteResult,
} from '@eds/core'
import type { DriverCalls } from './driver-calls.js'
import type { SimulatedDestination } from './simulated-destination.js'
import type { SimulatedProcess } from './simulated-process.js'
import type { World } from './world.js'

/** One process's driver: keeps its contract on a bad day, and watches that the pipeline keeps its side. */
export class SimulatedDriver implements Driver {
  readonly schema?: SchemaSupport
  readonly #process: SimulatedProcess
  readonly #world: World
  readonly #destination: SimulatedDestination
  readonly #calls: DriverCalls
  readonly #prepared = new Set<string>()
  #connected = false
  /** Resolves to false when the write that was called last was not clean. */
  #previous = Promise.resolve(true)
  #lastWasUnknown = false
  #schemaWasLost = false

  constructor(process: SimulatedProcess, destination: SimulatedDestination, calls: DriverCalls) {
    this.#process = process
    this.#world = process.world
    this.#destination = destination
    this.#calls = calls
    if (destination.sink.flavour === 'rows') this.schema = { prepare: (schemas) => this.#prepare(schemas) }
  }

  async connect(): Promise<void> {
    this.#calls.connect()
    await this.#process.point(`${this.#name}.connect`)
    if (this.#world.fails('connectFails'))
      throw new EdsError('connection', 'the simulated destination refuses connections')
    this.#connected = true
  }

  write(batch: EventBatch, signal: AbortSignal): Promise<WriteResult> {
    const previous = this.#calls.openWrites === 0 ? Promise.resolve(true) : this.#previous
    this.#calls.beginWrite(batch)
    const write = this.#writeAndReport(batch, signal, previous)
    this.#previous = write.then(
      ({ failures }) => failures === undefined,
      () => false,
    )
    return write
  }

  async close(): Promise<void> {
    this.#connected = false
  }

  get #name(): string {
    return this.#destination.sink.name
  }

  async #prepare(schemas: readonly TableSchema[]): Promise<[]> {
    this.#calls.beginPrepare()
    try {
      await this.#process.point(`${this.#name}.prepare`)
      if (this.#world.fails('prepareFails')) throw new EdsError('connection', 'the simulated migration was interrupted')
      for (const { table, modelVersion } of schemas) this.#prepared.add(`${table} ${modelVersion}`)
      return []
    } finally {
      this.#calls.endPrepare()
    }
  }

  async #writeAndReport(batch: EventBatch, signal: AbortSignal, previous: Promise<boolean>): Promise<WriteResult> {
    const cut = `${batch.first}-${batch.last}`
    try {
      const result = await this.#write(batch, signal, previous)
      this.#world.trace.add(() => `${this.#name}: write ${cut} resolved${result.failures ? ' with failures' : ''}`)
      this.#lastWasUnknown = false
      this.#schemaWasLost = false
      return result
    } catch (error) {
      this.#world.trace.add(() => `${this.#name}: write ${cut} rejected: ${error}`)
      if (toEdsError(error).code === 'unknown') this.#destination.noteUnknownError(batch.events)
      throw error
    } finally {
      this.#calls.endWrite()
    }
  }

  async #write(batch: EventBatch, signal: AbortSignal, previous: Promise<boolean>): Promise<WriteResult> {
    await this.#process.point(`${this.#name}.write ${batch.first}-${batch.last}`)
    this.#throwIfAborted(signal)
    if (!this.#connected) throw new EdsError('connection', 'the simulated destination is not connected')
    if (this.#world.fails('writeRefused')) throw this.#trouble()
    this.#checkSchemas(batch.events)
    if (!(await previous)) throw new EdsError('connection', 'a batch in front of this one was not written')
    const torn = this.#world.fails('writeTorn')
    const result = await this.#apply(batch.events, signal, torn)
    await this.#process.point(`${this.#name}.written ${batch.first}-${batch.last}`)
    if (torn || this.#world.fails('answerLost')) throw this.#trouble()
    return result
  }

  /** Applies what can be applied. A refused event makes the whole batch reject, or is named, as the destination does it. */
  async #apply(events: readonly ChangeEvent[], signal: AbortSignal, torn: boolean): Promise<WriteResult> {
    const { random } = this.#world
    const failures = this.#failuresOf(events)
    const [first] = failures
    const refusal = first && this.#destination.refusalOf((events[first.index] as ChangeEvent).position)
    const rejects = first !== undefined && refusal !== 'failure'
    const end = rejects ? random.integer(0, first.index) : torn ? random.integer(0, events.length - 1) : events.length
    const failed = new Set(failures.map(({ index }) => index))
    const pause = random.chance(0.3) ? random.integer(0, events.length) : -1
    for (const [index, event] of events.slice(0, end).entries()) {
      if (index === pause) {
        await this.#process.point(`${this.#name}.torn ${event.position}`)
        this.#throwIfAborted(signal)
      }
      if (!failed.has(index)) this.#destination.apply(event)
    }
    if (rejects) throw this.#rejection(first, refusal)
    return first === undefined ? {} : { failures }
  }

  /** Refused events, and those that stand behind them in their rows. */
  #failuresOf(events: readonly ChangeEvent[]): WriteFailure[] {
    const failures: WriteFailure[] = []
    const rows = new Set<string>()
    for (const [index, { position, rowKey }] of events.entries()) {
      const refused = this.#destination.refusalOf(position) !== undefined
      if (!refused && !rows.has(rowKey)) continue
      rows.add(rowKey)
      const reason = refused ? `the destination refuses ${position}` : `${position} stands behind a refused event`
      failures.push({ index, error: new EdsError('record', reason, { index }) })
    }
    return failures
  }

  #rejection({ error }: WriteFailure, refusal: string | undefined): Error {
    if (refusal === 'index') return error
    return refusal === 'no index' ? new EdsError('record', error.message) : new Error(error.message)
  }

  #checkSchemas(events: readonly ChangeEvent[]): void {
    if (this.schema === undefined) return
    const first = events[0]
    // A table that never fits would be for its events to answer, so it happens once between two good writes.
    if (first && !this.#schemaWasLost && this.#world.fails('schemaLost')) {
      this.#schemaWasLost = true
      this.#prepared.delete(`${first.table} ${first.modelVersion}`)
    }
    const index = events.findIndex(({ table, modelVersion }) => !this.#prepared.has(`${table} ${modelVersion}`))
    const event = events[index]
    if (event === undefined) return
    const { table } = event
    throw new EdsError(
      'schema',
      `the table ${table} does not fit`,
      this.#world.random.chance(0.5) ? { table, index } : { table },
    )
  }

  #throwIfAborted(signal: AbortSignal): void {
    if (signal.aborted) throw new EdsError('timeout', 'the simulated write was aborted')
  }

  /** A reason to try again. Errors that nobody knows never come twice in a row: that would be for the events to answer. */
  #trouble(): Error {
    const { random } = this.#world
    const kind = random.pick(['connection', 'throttled', 'timeout', 'unknown'])
    const isUnknown = kind === 'unknown' && !this.#lastWasUnknown
    this.#lastWasUnknown = isUnknown
    if (isUnknown) return new Error('the simulated client threw something')
    if (kind === 'throttled')
      return new EdsError('throttled', 'asked to slow down', { retryAfterMs: random.integer(1, 300) })
    if (kind === 'timeout') return new EdsError('timeout', 'no answer')
    this.#connected = false
    return new EdsError('connection', 'the simulated connection broke')
  }
}
