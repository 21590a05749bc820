import type { Delivery, OpenRequest, Source, SourceReader } from '@eds/core'
import { ContractViolation, MemoryStream, memorySource, runCase, SourceCaseContext, sourceCases } from '@eds/testkit'
import { describe, expect, it } from 'vitest'

/** A sound source with another `open`. */
function withOpen(source: Source, open: (request: OpenRequest) => Promise<SourceReader>): Source {
  return { ...source, description: source.description, open }
}

function withChunks(reader: SourceReader, chunks: () => AsyncGenerator<readonly Delivery[]>): SourceReader {
  return {
    acknowledge: (through) => reader.acknowledge(through),
    close: () => reader.close(),
    [Symbol.asyncIterator]: chunks,
  }
}

const brokenSources = {
  /** As a durable consumer behaves that goes on with newer messages after a crash. */
  skipsWhatWasDeliveredBefore(stream: MemoryStream): Source {
    const source = memorySource(stream)
    const delivered = new Map<string, string>()
    return withOpen(source, async (request) => {
      const after = delivered.get(request.cursor) ?? request.after
      const reader = await source.open(after === undefined ? request : { ...request, after })
      return withChunks(reader, async function* () {
        for await (const chunk of reader) {
          delivered.set(request.cursor, chunk.at(-1)?.position ?? '')
          yield chunk
        }
      })
    })
  },

  trustsItsOwnMemoryOnly(stream: MemoryStream): Source {
    const source = memorySource(stream)
    return withOpen(source, ({ after: _, ...request }) => source.open(request))
  },

  startsAnewInsteadOfReportingAGap(stream: MemoryStream): Source {
    const source = memorySource(stream)
    return withOpen(source, async (request) => {
      try {
        return await source.open(request)
      } catch {
        const { after: _, ...rest } = request
        stream.forget(request.cursor)
        return source.open({ ...rest, start: { at: 'beginning' } })
      }
    })
  },

  pullsEverything(stream: MemoryStream): Source {
    const source = memorySource(stream)
    return withOpen(source, async (request) => {
      const reader = await source.open(request)
      return withChunks(reader, async function* () {
        const ahead: Delivery[][] = []
        for await (const chunk of reader) {
          ahead.push([...chunk])
          if (reader.behind?.() === 0) yield* ahead.splice(0)
        }
      })
    })
  },
}

interface Expectation {
  readonly source: keyof typeof brokenSources
  readonly meantFor: string
  readonly message: RegExp
  /** All kinds of cases in which the fault shows; no other kind may fail. */
  readonly kinds: readonly string[]
}

const expectations: readonly Expectation[] = [
  {
    source: 'skipsWhatWasDeliveredBefore',
    meantFor: 'resume: after a crash without a position, nothing is skipped that was not acknowledged',
    message: /events 6 to 10 were skipped/,
    kinds: ['resume', 'cursors', 'forget', 'gap', 'close'],
  },
  {
    source: 'trustsItsOwnMemoryOnly',
    meantFor: 'resume: the position given counts, even when less was acknowledged',
    message: /expected event 11 and got 3/,
    kinds: ['resume', 'start', 'gap'],
  },
  {
    source: 'startsAnewInsteadOfReportingAGap',
    meantFor: 'gap: what comes next is gone, and open says so',
    message: /a reader was opened although events 6 to 15 are gone/,
    kinds: ['gap'],
  },
  {
    source: 'pullsEverything',
    meantFor: 'back-pressure: a reader that is not asked for more stops pulling',
    message: /all 2000 messages were pulled/,
    kinds: ['back-pressure'],
  },
]

async function brokenCases(make: (stream: MemoryStream) => Source) {
  const broken: { name: string; error: unknown }[] = []
  for (const sourceCase of sourceCases) {
    const stream = new MemoryStream()
    const source = make(stream)
    const options = {
      title: 'broken',
      create: () => source,
      reset: async () => stream.reset(),
      publish: async (messages: readonly Uint8Array[]) => stream.publish(messages),
      loseOldest: async (keep: number) => stream.loseOldest(keep),
      connection: stream.connection,
      pulledWhenQuiet: async () => stream.pulled,
      backPressureMessages: 2_000,
      limitMs: 200,
    }
    const result = await runCase(sourceCase, () => SourceCaseContext.open(options))
    if (result.outcome === 'broken') broken.push(result)
  }
  return broken
}

describe.each(expectations)('a source that breaks its contract: $source', ({ source, meantFor, message, kinds }) => {
  it(`fails "${meantFor}"`, async () => {
    const broken = await brokenCases(brokenSources[source])
    const meant = broken.find(({ name }) => name === meantFor)
    expect(meant?.error).toBeInstanceOf(ContractViolation)
    expect(String(meant?.error)).toMatch(message)
    expect(new Set(broken.map(({ name }) => name.split(':')[0]))).toEqual(new Set(kinds))
  })
})
