import {
  type ChangeEvent,
  createPipeline,
  type Delivery,
  type Driver,
  type EventBatch,
  memoryState,
  type Source,
  type SourceReader,
  type StateStore,
} from '@eds/core'
import { type Sabotage, simulate } from '@eds/testkit'
import { describe, expect, it } from 'vitest'

function batchWith(batch: EventBatch, events: readonly ChangeEvent[]): EventBatch {
  return { ...batch, events, bytes: events.reduce((sum, { bytes }) => sum + bytes.length, 0) }
}

function withWrite(driver: Driver, write: Driver['write']): Driver {
  return {
    connect: (signal) => driver.connect(signal),
    close: () => driver.close(),
    write,
    ...(driver.schema && { schema: driver.schema }),
  }
}

function withReader(source: Source, change: (reader: SourceReader) => SourceReader): Source {
  return {
    description: source.description,
    open: async (request) => change(await source.open(request)),
    forget: (cursor) => source.forget(cursor),
    close: () => source.close(),
  }
}

function withChunks(reader: SourceReader, chunks: () => AsyncGenerator<readonly Delivery[]>): SourceReader {
  return {
    [Symbol.asyncIterator]: chunks,
    acknowledge: (through) => reader.acknowledge(through),
    behind: () => reader.behind?.(),
    close: () => reader.close(),
  }
}

/** A store that forgets what is written under this key. */
function withoutKey(store: StateStore, key: string): StateStore {
  return {
    get: (name) => store.get(name),
    entries: (prefix) => store.entries(prefix),
    namespace: (name) => withoutKey(store.namespace(name), key),
    async write({ [key]: _, ...changes }) {
      if (Object.keys(changes).length > 0) await store.write(changes)
    },
  }
}

const forgettingLetters: Sabotage['pipeline'] = (options) =>
  createPipeline({
    ...options,
    deadLetters: {
      open: async () => ({ append: async () => {}, mark: async () => {}, async *list() {}, close: async () => {} }),
    },
  })

const sabotages: Record<string, { readonly sabotage: Sabotage; readonly notices: RegExp }> = {
  'a destination that drops an event': {
    sabotage: {
      driver: (driver) =>
        withWrite(driver, async (batch, signal) => {
          const kept = batch.events.filter(({ position }) => !position.endsWith('7'))
          return kept.length === 0 ? {} : driver.write(batchWith(batch, kept), signal)
        }),
    },
    notices: /neither at the destination nor among the dead letters|was applied before/,
  },
  'a destination that swallows failures': {
    sabotage: {
      driver: (driver) =>
        withWrite(driver, async (batch, signal) => {
          await driver.write(batch, signal)
          return {}
        }),
    },
    notices: /neither at the destination nor among the dead letters/,
  },
  'a destination that writes the end of a batch first': {
    sabotage: {
      driver: (driver) =>
        withWrite(driver, async (batch, signal) => {
          const middle = batch.events.length >> 1
          const [front, back] = [batch.events.slice(0, middle), batch.events.slice(middle)]
          await driver.write({ ...batchWith(batch, back), first: back[0]!.position }, signal)
          return front.length === 0
            ? {}
            : driver.write({ ...batchWith(batch, front), last: front.at(-1)!.position }, signal)
        }),
    },
    notices: /was applied before|shows event|does not repeat the cut/,
  },
  'a destination that writes an old batch once more': {
    sabotage: {
      driver: (driver) => {
        let old: EventBatch | undefined
        return withWrite(driver, async (batch, signal) => {
          const result = await driver.write(batch, signal)
          if (old !== undefined && result.failures === undefined) await driver.write(old, signal)
          old ??= { ...batch, events: [...batch.events] }
          return result
        })
      },
    },
    notices: /shows event|applied on top|does not repeat the cut/,
  },
  'a source that skips an event': {
    sabotage: {
      source: (source) =>
        withReader(source, (reader) =>
          withChunks(reader, async function* () {
            for await (const chunk of reader) yield chunk.filter(({ position }) => !position.endsWith('5'))
          }),
        ),
    },
    notices: /neither at the destination nor among the dead letters|was applied before/,
  },
  'a lane that acknowledges what it has only read': {
    sabotage: {
      source: (source) =>
        withReader(source, (reader) =>
          withChunks(reader, async function* () {
            for await (const chunk of reader) {
              await reader.acknowledge(chunk.at(-1)!)
              yield chunk
            }
          }),
        ),
    },
    notices: /acknowledged \d+, (having saved|but event \d+ .* is neither)/,
  },
  'dead letters that forget': {
    sabotage: { pipeline: forgettingLetters! },
    notices: /neither at the destination nor among the dead letters/,
  },
  'a lane that forgets its cut': {
    sabotage: {
      pipeline: (options) => createPipeline({ ...options, state: withoutKey(options.state ?? memoryState(), 'cut') }),
    },
    notices: /does not repeat the cut/,
  },
  'a pipeline without its stages': {
    sabotage: { pipeline: ({ stages: _, ...options }) => createPipeline(options) },
    notices: /was applied, which is (skipped|refused)|wrong bytes/,
  },
  'a lane that writes more at a time than the driver takes': {
    sabotage: {
      pipeline: (options) =>
        createPipeline({
          ...options,
          sinks: options.sinks.map((sink) => ({
            ...sink,
            definition: {
              ...sink.definition,
              traits: (config) => {
                const traits = sink.definition.traits(config)
                return { ...traits, maxInFlight: traits.maxInFlight + 1, maxBatchEvents: traits.maxBatchEvents * 2 }
              },
            },
          })),
        }),
    },
    notices: /writes are open|a batch of \d+ events/,
  },
}

describe('the oracle notices', () => {
  it.each(Object.entries(sabotages))('%s', async (_, { sabotage, notices }) => {
    const found = []
    for (let seed = 1; seed <= 60; seed++) {
      const { violations } = await simulate(seed, { sabotage })
      if (violations[0] !== undefined) found.push(violations[0])
    }
    expect(found.length).toBeGreaterThan(0)
    expect(found.filter((violation) => notices.test(violation)).length).toBeGreaterThan(0)
  })
})
