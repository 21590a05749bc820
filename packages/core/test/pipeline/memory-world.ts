import { z } from 'zod'
import type {
  ChangeEvent,
  DeadLetter,
  DeadLetterStore,
  Delivery,
  Driver,
  DriverDefinition,
  DriverTraits,
  EventBatch,
  LetterFailure,
  Source,
  SourceReader,
  WriteResult,
} from '../../src/index.js'
import { defineDriver, padSequence, written } from '../../src/index.js'

/** A change event as text. */
export function eventText(fields: Partial<Record<keyof ChangeEvent, unknown>> & { readonly id: string }): string {
  const row = { id: fields.id, name: 'x' }
  return JSON.stringify({
    operation: 'INSERT',
    table: 'order',
    key: ['region', fields.id],
    modelVersion: 'v1',
    after: row,
    timestamp: 1_720_732_611_708,
    mvccTimestamp: '1720732611708587506.0000000000',
    ...fields,
  })
}

export function delivery(sequence: number, text: string): Delivery {
  return { position: padSequence(sequence), bytes: Buffer.from(text), time: 1000 + sequence }
}

/** A finite source that remembers what was acknowledged. */
export class MemorySource implements Source {
  readonly description = 'memory'
  readonly acknowledged: string[] = []
  readonly opened: (string | undefined)[] = []
  closed = false
  constructor(
    readonly deliveries: readonly Delivery[],
    readonly chunkSize = 3,
  ) {}

  async open({ after }: { readonly after?: string }): Promise<SourceReader> {
    this.opened.push(after)
    const rest = this.deliveries.filter(({ position }) => after === undefined || position > after)
    const { chunkSize, acknowledged } = this
    return {
      async *[Symbol.asyncIterator]() {
        for (let from = 0; from < rest.length; from += chunkSize) yield rest.slice(from, from + chunkSize)
      },
      acknowledge: async ({ position }) => {
        acknowledged.push(position)
      },
      close: async () => {},
    }
  }

  async forget(): Promise<void> {}
  async close(): Promise<void> {
    this.closed = true
  }
}

export const traits: DriverTraits = {
  maxBatchEvents: 4,
  maxBatchBytes: 1_000_000,
  maxInFlight: 1,
  lingerMs: 0,
  ordering: 'key',
  redelivery: 'idempotent',
  compaction: false,
  batches: 'free',
  start: 'resume',
}

/** A driver whose `write` is the test's. */
export function driverOf(
  write: Driver['write'],
  over: Partial<Driver> & { readonly traits?: Partial<DriverTraits> } = {},
): DriverDefinition<object> {
  const { traits: changed, ...facets } = over
  return defineDriver<object>({
    apiVersion: 1,
    name: 'memory',
    title: 'Memory',
    description: 'for tests',
    exampleUrl: 'memory://',
    schemes: ['memory'],
    config: z.object({}),
    parse: () => ({}),
    format: () => 'memory://',
    traits: () => ({ ...traits, ...changed }),
    create: () => ({ connect: async () => {}, write, close: async () => {}, ...facets }),
  })
}

/** Collects what was written; `judge` may throw or report failures instead. */
export class Destination {
  readonly events: string[] = []
  readonly batches: string[][] = []

  constructor(readonly judge: (batch: EventBatch) => WriteResult | undefined = () => undefined) {}

  readonly write = async (batch: EventBatch): Promise<WriteResult> => {
    const result = this.judge(batch) ?? written
    const failed = new Set(result.failures?.map(({ index }) => index))
    const ids = batch.events.filter((_, index) => !failed.has(index)).map(({ id }) => id)
    this.batches.push(ids)
    this.events.push(...ids)
    return result
  }
}

export class MemoryLetters implements DeadLetterStore {
  readonly letters: DeadLetter[] = []
  /** The ids of each call of `mark`. */
  readonly marked: (readonly string[])[] = []

  async open() {
    const { letters, marked } = this
    return {
      append: async (added: readonly DeadLetter[]) => {
        const isNew = ({ id }: DeadLetter) =>
          !letters.some((letter) => letter.id === id && (letter.status === 'open' || letter.status === 'parked'))
        letters.push(...added.filter(isNew))
      },
      mark: async (ids: readonly string[], status: DeadLetter['status'], failure?: LetterFailure) => {
        marked.push(ids)
        letters.forEach((letter, index) => {
          if (ids.includes(letter.id))
            letters[index] = { ...letter, status, ...(failure && { ...failure, triedAt: 0 }) }
        })
      },
      async *list(filter: { readonly status?: readonly string[] } = {}) {
        yield* [...letters].filter(({ status }) => filter.status?.includes(status) ?? true)
      },
      close: async () => {},
    }
  }
}
