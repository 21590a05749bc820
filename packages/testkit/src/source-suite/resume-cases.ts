import type { Delivery } from '@eds/core'
import { demand } from '../conformance/violation.js'
import { demandNumbers, numberOf, type SourceCaseContext } from './case-context.js'
import type { Reading } from './reading.js'
import { remembers, type SourceCase } from './source-case.js'

/** Publishes ten events and reads them, acknowledges the first `acknowledged`, then has the source die. */
async function dieAfterTen(context: SourceCaseContext, acknowledged: number): Promise<Delivery[]> {
  await context.publish(10)
  const source = await context.source()
  const reading = await context.open(source)
  const deliveries = await reading.take(10)
  const last = deliveries[acknowledged - 1]
  if (last !== undefined) await reading.reader.acknowledge(last)
  await context.crash(source)
  await context.publish(10)
  return deliveries
}

/** Reads up to event `to`, and fails unless it begins at or before `from` and nothing is missing or out of order. */
async function demandFromAtMost(reading: Reading, from: number, to: number): Promise<void> {
  const [first] = await reading.take(1)
  const begin = first === undefined ? 0 : numberOf(first)
  demand(begin <= from, `events ${from} to ${begin - 1} were skipped: they were delivered before, but not acknowledged`)
  demandNumbers(await reading.take(to - begin), begin + 1, to)
}

export const resumeCases: readonly SourceCase[] = [
  {
    name: 'resume: after a crash a reader goes on just after the position it is given',
    async run(context) {
      const deliveries = await dieAfterTen(context, 0)
      const after = deliveries[4]?.position ?? ''
      const reading = await context.open(await context.source(), { after })
      demandNumbers(await reading.take(15), 6, 20)
    },
  },
  {
    name: 'resume: the position given counts, even when more was acknowledged',
    async run(context) {
      const deliveries = await dieAfterTen(context, 8)
      const after = deliveries[2]?.position ?? ''
      const reading = await context.open(await context.source(), { after })
      demandNumbers(await reading.take(17), 4, 20)
    },
  },
  {
    name: 'resume: the position given counts, even when less was acknowledged',
    async run(context) {
      const deliveries = await dieAfterTen(context, 2)
      const after = deliveries[9]?.position ?? ''
      const reading = await context.open(await context.source(), { after })
      demandNumbers(await reading.take(10), 11, 20)
    },
  },
  {
    name: 'resume: after a crash with nothing acknowledged, everything comes again in order, then what is new',
    async run(context) {
      await dieAfterTen(context, 0)
      const reading = await context.open(await context.source())
      demandNumbers(await reading.take(20), 1, 20)
    },
  },
  {
    name: 'resume: after a crash without a position, nothing is skipped that was not acknowledged',
    async run(context) {
      await dieAfterTen(context, 5)
      await demandFromAtMost(await context.open(await context.source()), 6, 20)
    },
  },
  {
    name: 'resume: after several crashes nothing is skipped',
    async run(context) {
      await context.publish(30)
      let after: string | undefined
      for (let durable = 0; durable < 30; durable += 5) {
        const source = await context.source()
        const reading = await context.open(source, after === undefined ? {} : { after })
        const count = Math.min(8, 30 - durable)
        const deliveries = await reading.take(count)
        demandNumbers(deliveries, durable + 1, durable + count)
        after = deliveries[4]?.position
        if (durable % 2 === 0 && deliveries[4]) await reading.reader.acknowledge(deliveries[4])
        await context.crash(source)
      }
    },
  },
  {
    name: 'resume: after a close the source goes on behind what was acknowledged, cumulatively',
    skip: remembers,
    async run(context) {
      await context.publish(20)
      const source = await context.source()
      const reading = await context.open(source)
      const seventh = (await reading.take(12))[6]
      if (seventh !== undefined) await reading.reader.acknowledge(seventh)
      await reading.reader.close()
      await source.close()
      const again = await context.open(await context.source())
      demandNumbers(await again.take(13), 8, 20)
    },
  },
  {
    name: 'resume: a reader that is opened again by the same source goes on where it is told',
    async run(context) {
      await context.publish(20)
      const source = await context.source()
      const reading = await context.open(source)
      const deliveries = await reading.take(15)
      await reading.reader.close()
      const again = await context.open(source, { after: deliveries[9]?.position ?? '' })
      demandNumbers(await again.take(10), 11, 20)
    },
  },
]
