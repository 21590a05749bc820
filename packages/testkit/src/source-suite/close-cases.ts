import { demand, demandSettled } from '../conformance/violation.js'
import { demandNumbers } from './case-context.js'
import { type SourceCase, waitsForMore } from './source-case.js'

export const closeCases: readonly SourceCase[] = [
  {
    name: 'close: readers and sources close twice',
    async run(context) {
      await context.publish(3)
      const source = await context.source()
      const { reader } = await context.open(source)
      await reader.close()
      await reader.close()
      await source.close()
      await source.close()
    },
  },
  {
    name: 'close: ends an iteration that waits',
    skip: waitsForMore,
    async run(context) {
      await context.publish(3)
      const reading = await context.open(await context.source())
      await reading.take(3)
      const ended = reading.ended()
      await reading.reader.close()
      demand(await ended, 'something was delivered after the close')
    },
  },
  {
    name: 'close: what was not acknowledged stays with the source',
    async run(context) {
      await context.publish(5)
      const source = await context.source()
      const reading = await context.open(source)
      await reading.take(5)
      await reading.reader.close()
      await source.close()
      demandNumbers(await (await context.open(await context.source())).take(5), 1, 5)
    },
  },
  {
    name: 'abort: a reader whose signal aborts ends soon',
    skip: waitsForMore,
    async run(context) {
      await context.publish(3)
      const abort = new AbortController()
      const reading = await context.open(await context.source(), { signal: abort.signal })
      await reading.take(3)
      const ended = reading.ended()
      abort.abort()
      await demandSettled(ended, context.limitMs, 'a reader whose signal aborted')
      await demandSettled(reading.reader.close(), context.limitMs, 'close after an abort')
    },
  },
  {
    name: 'description: one line',
    async run(context) {
      const { description } = await context.source()
      demand(/^\S[^\n]*$/.test(description), `the description must be one line: ${JSON.stringify(description)}`)
    },
  },
]
