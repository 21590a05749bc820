import {
  type Clock,
  type Delivery,
  defineSource,
  EdsError,
  type OpenRequest,
  padSequence,
  type Source,
  systemClock,
} from '@eds/core'
import { ChunkReader } from './chunk-reader.js'
import { Pace } from './pace.js'

export interface GeneratedEvent {
  /** The event's JSON text in UTF-8. */
  readonly bytes: Uint8Array
  /** When it counts as stored, epoch milliseconds. Default: when it is handed over. */
  readonly time?: number
}

export interface GeneratorSourceOptions {
  /** For people and logs, one line. */
  readonly description: string
  /** The events behind the first `after` ones, the same each time. Taken one by one, as they are needed. */
  readonly open: (after: number) => Iterable<GeneratedEvent>
  /** How many events there are in all, when that is known. */
  readonly total?: number
  /** Events per second, per reader. Default: as fast as they are taken. */
  readonly rate?: number
  /** For the rate and the times. Default: real time. */
  readonly clock?: Clock
}

const maxChunkBytes = 2 ** 20

/**
 * Change events that a program makes up: demonstrations, tests, load. A position is the number of events up to there. Nothing is remembered
 * between runs; `start` means nothing, because events are made when they are read.
 */
export const generatorSource = defineSource((options: GeneratorSourceOptions): Source => {
  const { description, rate, clock = systemClock } = options
  const newPace = () => new Pace(rate, clock)
  newPace() // Complains about a wrong rate now rather than later.
  return {
    description,
    async open({ after, signal }: OpenRequest) {
      const progress = { delivered: after === undefined ? 0 : eventCount(after) }
      const chunks = (aborted: AbortSignal) => generate(options, progress, newPace(), aborted)
      const { total } = options
      const behind = () => (total === undefined ? undefined : Math.max(0, total - progress.delivered))
      return new ChunkReader({ chunks, signal, behind })
    },
    async forget() {},
    async close() {},
  }
})

async function* generate(
  { open, clock = systemClock }: GeneratorSourceOptions,
  progress: { delivered: number },
  pace: Pace,
  signal: AbortSignal,
): AsyncGenerator<readonly Delivery[]> {
  for (const events of inChunks(open(progress.delivered), pace.chunkEvents)) {
    await pace.wait(events.length, signal)
    if (signal.aborted) return
    const now = clock.now()
    const first = progress.delivered
    progress.delivered += events.length
    yield events.map(({ bytes, time = now }, index) => ({ position: padSequence(first + index + 1), bytes, time }))
  }
}

function* inChunks(events: Iterable<GeneratedEvent>, maxEvents: number): Generator<GeneratedEvent[]> {
  let chunk: GeneratedEvent[] = []
  let bytes = 0
  for (const event of events) {
    chunk.push(event)
    bytes += event.bytes.length
    if (chunk.length < maxEvents && bytes < maxChunkBytes) continue
    yield chunk
    chunk = []
    bytes = 0
  }
  if (chunk.length > 0) yield chunk
}

function eventCount(position: string): number {
  if (/^\d{16}$/.test(position)) return Number(position)
  throw new EdsError('gap', `"${position}" is not a number of events`, { fix: 'was the source of this sink changed?' })
}
