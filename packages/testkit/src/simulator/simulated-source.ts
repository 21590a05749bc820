import { type Delivery, EdsError, type OpenRequest, type Position, type Source, type SourceReader } from '@eds/core'
import { never, type SimulatedProcess } from './simulated-process.js'
import type { SimulatedStream } from './simulated-stream.js'

/** Told of what a lane claims to be durable: when it acknowledges, and when it opens a reader behind a position. */
export type PositionClaim = (cursor: string, position: Position, how: string) => void

export const acknowledged = 'acknowledged'
export const opened = 'opened a reader behind'

/** One process's view of the stream: a source that keeps its contract, on a bad day. */
export class SimulatedSource implements Source {
  readonly description = 'a simulated stream'
  readonly #process: SimulatedProcess
  readonly #stream: SimulatedStream
  readonly #claim: PositionClaim
  readonly #open = new Set<string>()

  constructor(process: SimulatedProcess, stream: SimulatedStream, claim: PositionClaim) {
    this.#process = process
    this.#stream = stream
    this.#claim = claim
  }

  async open({ cursor, after, signal }: OpenRequest): Promise<SourceReader> {
    const { world } = this.#process
    await this.#process.point(`source.open ${cursor}`)
    if (this.#open.has(cursor)) world.violate(`${cursor}: a second reader was opened while the first was open`)
    if (world.fails('openFails')) throw new EdsError('connection', 'the simulated stream is out of reach')
    this.#claim(cursor, after ?? '', opened)
    const from = this.#stream.indexAfter(after ?? this.#stream.acknowledged(cursor))
    world.trace.add(
      () => `${cursor}: reader opened after ${after ?? 'what the source remembers'}, from message ${from + 1}`,
    )
    this.#open.add(cursor)
    return this.#reader(cursor, from, signal)
  }

  async forget(): Promise<void> {}
  async close(): Promise<void> {}

  #reader(cursor: string, from: number, signal: AbortSignal): SourceReader {
    const process = this.#process
    const stream = this.#stream
    const { world } = process
    const closed = new AbortController()
    const stop = AbortSignal.any([signal, closed.signal])
    let next = from
    let delivered = from

    async function* chunks(): AsyncGenerator<readonly Delivery[], undefined> {
      for (;;) {
        await process.point(`source.pull ${cursor}`)
        if (stop.aborted) return
        if (world.fails('readerBreaks')) {
          world.trace.add(() => `${cursor}: the reader broke`)
          throw new EdsError('connection', 'the simulated connection broke')
        }
        if (world.fails('readerRepeats')) next = Math.max(from, next - world.random.integer(1, 10))
        const chunk = stream.slice(next, world.random.integer(1, 25))
        next += chunk.length
        delivered = Math.max(delivered, next)
        if (chunk.length > 0) yield chunk
        else if (stream.ended) return
        else await stream.changed(stop)
      }
    }

    return {
      [Symbol.asyncIterator]: chunks,
      acknowledge: async (through) => {
        await process.point(`source.acknowledge ${cursor}`)
        if (stream.indexAfter(through.position) > delivered)
          world.violate(`${cursor}: acknowledged ${through.position} before it was delivered`)
        this.#claim(cursor, through.position, acknowledged)
        if (world.fails('acknowledgementFails'))
          throw new EdsError('connection', 'the acknowledgement could not be sent')
        if (!world.fails('acknowledgementLost')) stream.acknowledge(cursor, through.position)
      },
      behind: () => stream.length - next,
      close: async () => {
        if (!process.alive) return never()
        closed.abort()
        this.#open.delete(cursor)
      },
    }
  }
}
