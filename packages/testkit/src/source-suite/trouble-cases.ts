import { type Delivery, isEdsError } from '@eds/core'
import { unless } from '../conformance/conformance-case.js'
import { demand, demandRejection, demandSettled } from '../conformance/violation.js'
import { demandNumbers, type SourceCaseContext } from './case-context.js'
import type { Reading } from './reading.js'
import { type SourceCase, waitsForMore } from './source-case.js'

function canBreak({ options }: SourceCaseContext): string | undefined {
  return unless(
    options.connection !== undefined,
    'the suite was given no way to cut the connection (option `connection`)',
  )
}

/** Opens behind a position that the stream cannot follow, and fails unless that is refused as a gap. */
async function demandGap(context: SourceCaseContext, after: string, what: string): Promise<void> {
  const error = await demandRejection(openAndRead(context, after), `a reader was opened although ${what}`)
  demand(isEdsError(error), () => `the error is not an EdsError: ${error}`)
  demand(error.code === 'gap', `the code is "${error.code}" instead of "gap": ${error.message}`)
}

/** Some transports show a gap only with the first message. */
async function openAndRead(context: SourceCaseContext, after: string): Promise<void> {
  const reading = await context.open(await context.source(), { after })
  await reading.take(1)
}

/** Reads on, opening a new reader behind the last delivery when one breaks with an error that is not final. */
async function takeThroughTrouble(
  context: SourceCaseContext,
  reading: Reading,
  last: Delivery,
  count: number,
): Promise<Delivery[]> {
  try {
    return await reading.take(count)
  } catch (error) {
    demand(isEdsError(error) && error.retryable, () => `a broken connection ended in ${error}`)
    const again = await context.open(await context.source(), { after: last.position })
    return again.take(count)
  }
}

export const troubleCases: readonly SourceCase[] = [
  {
    name: 'gap: what comes next is gone, and open says so',
    skip: ({ options }) => unless(options.loseOldest !== undefined, 'the stream loses nothing (option `loseOldest`)'),
    async run(context) {
      await context.publish(20)
      const source = await context.source()
      const fifth = (await (await context.open(source)).take(20))[4]?.position ?? ''
      await context.crash(source)
      await context.options.loseOldest?.(5)
      await demandGap(context, fifth, 'events 6 to 15 are gone')
    },
  },
  {
    name: 'gap: a position at the edge of what is left is none',
    skip: ({ options }) => unless(options.loseOldest !== undefined, 'the stream loses nothing (option `loseOldest`)'),
    async run(context) {
      await context.publish(20)
      const source = await context.source()
      const fifteenth = (await (await context.open(source)).take(20))[14]?.position ?? ''
      await context.crash(source)
      await context.options.loseOldest?.(5)
      const reading = await context.open(await context.source(), { after: fifteenth })
      demandNumbers(await reading.take(5), 16, 20)
    },
  },
  {
    name: 'gap: a stream that was made anew holds less than the position says, and open says so',
    async run(context) {
      await context.publish(20)
      const source = await context.source()
      const last = (await (await context.open(source)).take(20))[19]?.position ?? ''
      await context.crash(source)
      await context.options.reset()
      await context.publish(3)
      await demandGap(context, last, 'the stream was made anew and holds 3 events')
    },
  },
  {
    name: 'reconnect: a connection that breaks while reading skips nothing',
    skip: (context) => canBreak(context) ?? waitsForMore(context),
    async run(context) {
      await context.publish(20)
      const reading = await context.open(await context.source())
      const before = await reading.take(20)
      await context.options.connection?.break()
      await context.options.connection?.restore()
      await context.publish(20)
      const last = before[19]
      demand(last !== undefined, 'nothing was delivered')
      demandNumbers(await takeThroughTrouble(context, reading, last, 20), 21, 40)
    },
  },
  {
    name: 'reconnect: opening without a connection says so, and works when it is back',
    skip: canBreak,
    async run(context) {
      await context.publish(5)
      const source = await context.source()
      await context.options.connection?.break()
      try {
        const outcome = await demandSettled(context.open(source), context.limitMs, 'open without a connection')
        demand(outcome.status === 'rejected', 'open resolved although the stream could not be reached')
        const error: unknown = outcome.reason
        demand(
          isEdsError(error) && error.retryable,
          () => `open without a connection rejected with ${error}, which is final`,
        )
      } finally {
        await context.options.connection?.restore()
      }
      demandNumbers(await (await context.open(source)).take(5), 1, 5)
    },
  },
  {
    name: 'back-pressure: a reader that is not asked for more stops pulling',
    skip: ({ options }) =>
      unless(options.pulledWhenQuiet !== undefined, 'pulling is not observed (option `pulledWhenQuiet`)'),
    async run(context) {
      const total = context.options.backPressureMessages ?? 20_000
      const filler = 'x'.repeat(1_000)
      const messages = Array.from({ length: total }, (_, index) =>
        Buffer.from(JSON.stringify({ number: index + 1, filler })),
      )
      await context.options.publish(messages)
      const reading = await context.open(await context.source())
      await reading.take(1)
      const pulled = (await context.options.pulledWhenQuiet?.()) ?? 0
      demand(pulled < total, `all ${total} messages were pulled although only one was asked for`)
      demandNumbers(await reading.take(total - 1), 2, total)
    },
  },
]
