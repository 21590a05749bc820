import { demand } from '../conformance/violation.js'
import { demandNumbers } from './case-context.js'
import { remembers, type SourceCase, waitsForMore } from './source-case.js'

export const cursorCases: readonly SourceCase[] = [
  {
    name: 'cursors: two read the same events, each at its own pace',
    async run(context) {
      await context.publish(40)
      const source = await context.source()
      const fast = await context.open(source, { cursor: 'kit-fast' })
      const slow = await context.open(source, { cursor: 'kit-slow' })
      demandNumbers(await slow.take(3), 1, 3)
      const deliveries = await fast.take(40)
      demandNumbers(deliveries, 1, 40)
      if (deliveries[39]) await fast.reader.acknowledge(deliveries[39])
      demandNumbers(await slow.take(37), 4, 40)
    },
  },
  {
    name: 'cursors: what one acknowledges is not acknowledged for another',
    skip: remembers,
    async run(context) {
      await context.publish(20)
      const source = await context.source()
      const ahead = await context.open(source, { cursor: 'kit-ahead' })
      const last = (await ahead.take(20))[19]
      if (last) await ahead.reader.acknowledge(last)
      const behind = await context.open(source, { cursor: 'kit-behind' })
      const fifth = (await behind.take(20))[4]
      if (fifth) await behind.reader.acknowledge(fifth)
      for (const { reader } of [ahead, behind]) await reader.close()
      await source.close()
      const again = await context.open(await context.source(), { cursor: 'kit-behind' })
      demandNumbers(await again.take(15), 6, 20)
    },
  },
  {
    name: 'forget: a forgotten cursor begins anew, and can be forgotten twice',
    skip: remembers,
    async run(context) {
      await context.publish(10)
      const source = await context.source()
      const reading = await context.open(source)
      const fifth = (await reading.take(10))[4]
      if (fifth) await reading.reader.acknowledge(fifth)
      await reading.reader.close()
      await source.forget('kit')
      await source.forget('kit')
      demandNumbers(await (await context.open(source)).take(10), 1, 10)
    },
  },
  {
    name: 'forget: a cursor that never was, and other cursors stay as they are',
    skip: remembers,
    async run(context) {
      await context.publish(10)
      const source = await context.source()
      const reading = await context.open(source)
      const fifth = (await reading.take(10))[4]
      if (fifth) await reading.reader.acknowledge(fifth)
      await reading.reader.close()
      await source.forget('kit-unknown')
      demandNumbers(await (await context.open(source)).take(5), 6, 10)
    },
  },
  {
    name: 'start: at now, only what is published later arrives',
    skip: waitsForMore,
    async run(context) {
      await context.publish(10)
      const reading = await context.open(await context.source(), { start: { at: 'now' } })
      await context.publish(5)
      demandNumbers(await reading.take(5), 11, 15)
    },
  },
  {
    name: 'start: a position counts for more than where to start',
    async run(context) {
      await context.publish(10)
      const source = await context.source()
      const third = (await (await context.open(source)).take(10))[2]?.position ?? ''
      const reading = await context.open(source, { cursor: 'kit-other', after: third, start: { at: 'now' } })
      demandNumbers(await reading.take(7), 4, 10)
    },
  },
  {
    name: 'start: at a time, nothing that was stored at it or later is missing',
    async run(context) {
      await context.publish(10)
      const source = await context.source()
      const deliveries = await (await context.open(source)).take(10)
      const time = deliveries[5]?.time ?? 0
      const reading = await context.open(source, { cursor: 'kit-time', start: { at: 'time', time } })
      const [first] = await reading.take(1)
      const expected = deliveries.find((delivery) => delivery.time >= time)
      demand(
        first !== undefined && first.position === expected?.position,
        () => `reading from ${time} began at ${first?.position} instead of ${expected?.position}`,
      )
    },
  },
]
