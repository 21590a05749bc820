import { demand } from '../conformance/violation.js'
import { demandNumbers } from './case-context.js'
import { type SourceCase, waitsForMore } from './source-case.js'

export const deliveryCases: readonly SourceCase[] = [
  {
    name: 'delivery: everything that was published arrives once, in order',
    async run(context) {
      await context.publish(300)
      const reading = await context.open(await context.source())
      demandNumbers(await reading.take(300), 1, 300)
    },
  },
  {
    name: 'delivery: what is published while reading arrives behind what was there',
    skip: waitsForMore,
    async run(context) {
      const reading = await context.open(await context.source())
      await context.publish(20)
      demandNumbers(await reading.take(20), 1, 20)
      await context.publish(15)
      await context.publish(15)
      demandNumbers(await reading.take(30), 21, 50)
    },
  },
  {
    name: 'delivery: bytes arrive as they were published, whatever they are',
    async run(context) {
      const messages = [
        'not JSON',
        '{"broken":',
        '"\\ud800"',
        '[]',
        ' {"spaces": 1} ',
        `{"large":"${'x'.repeat(300_000)}"}`,
      ]
      await context.options.publish(messages.map((text) => Buffer.from(text)))
      const reading = await context.open(await context.source())
      const found = (await reading.take(messages.length)).map(({ bytes }) => Buffer.from(bytes).toString())
      const wrong = found.findIndex((text, index) => text !== messages[index])
      demand(wrong === -1, () => `message ${wrong + 1} arrived changed: ${found[wrong]?.slice(0, 100)}`)
    },
  },
  {
    name: 'delivery: the iteration ends where the stream ends',
    skip: ({ options }) => (options.ends ? undefined : 'the source waits for more'),
    async run(context) {
      await context.publish(10)
      const reading = await context.open(await context.source())
      await reading.take(10)
      demand(await reading.ended(), 'there was more than was published')
    },
  },
  {
    name: 'positions: rise in text order, and are safe in file names',
    async run(context) {
      await context.publish(200)
      const reading = await context.open(await context.source())
      const positions = (await reading.take(200)).map(({ position }) => position)
      for (const [index, position] of positions.entries()) {
        demand(/^[0-9A-Za-z_.]{1,100}$/.test(position), `the position ${JSON.stringify(position)} is not safe`)
        const previous = positions[index - 1] ?? ''
        demand(previous < position, `the position ${position} does not sort behind ${previous}`)
      }
    },
  },
  {
    name: 'positions: an event has the same position each time it is delivered',
    async run(context) {
      await context.publish(20)
      const source = await context.source()
      const first = await (await context.open(source, { cursor: 'kit-a' })).take(20)
      const second = await (await context.open(source, { cursor: 'kit-b' })).take(20)
      const wrong = first.findIndex(({ position }, index) => position !== second[index]?.position)
      demand(
        wrong === -1,
        () => `event ${wrong + 1} stood at ${first[wrong]?.position}, then at ${second[wrong]?.position}`,
      )
    },
  },
  {
    name: 'delivery: every delivery says when it was stored',
    async run(context) {
      await context.publish(20)
      const times = (await (await context.open(await context.source())).take(20)).map(({ time }) => time)
      const year2000 = Date.UTC(2000)
      const wrong = times.find((time) => !(time > year2000 && time < Date.now() + 60_000))
      demand(
        wrong === undefined,
        `a delivery says that it was stored at ${wrong}, which is no epoch milliseconds of now`,
      )
    },
  },
]
