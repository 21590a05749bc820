import { isEdsError } from '@eds/core'
import { unless } from '../conformance/conformance-case.js'
import { demand } from '../conformance/violation.js'
import type { DriverCaseContext } from './case-context.js'
import type { DriverCase } from './driver-case.js'
import { needsPoison, poisonInsert } from './poison-cases.js'

function overlaps({ traits, title }: DriverCaseContext): string | undefined {
  return unless(traits.maxInFlight > 1, `${title} takes one batch at a time`)
}

export const inFlightCases: readonly DriverCase[] = [
  {
    name: 'in flight: batches that overlap are applied in the order of the calls',
    skip: overlaps,
    async run(context) {
      const table = context.table()
      const session = await context.connected()
      const batches = Array.from({ length: context.traits.maxInFlight }, (_, batch) =>
        Array.from({ length: 30 }, (_, index) => table.update({ id: `r${index % 10}`, quantity: batch * 100 + index })),
      )
      await session.prepare(batches.flat())
      await Promise.all(batches.map((batch) => session.writePrepared(batch)))
      await context.expectStored(batches.flat())
    },
  },
  {
    name: 'in flight: a batch behind one with a refused event is rejected without having been applied',
    skip: (context) => overlaps(context) ?? needsPoison(context),
    async run(context) {
      const table = context.table()
      const session = await context.connected()
      const first = [poisonInsert(context, table, { id: 'row', name: 'refused' })]
      const second = [table.insert({ id: 'row', name: 'too early' }), table.insert({ id: 'other', name: 'too early' })]
      await session.prepare([...first, ...second])
      const [firstOutcome, secondOutcome] = await Promise.allSettled([
        session.writePrepared(first),
        session.writePrepared(second),
      ])
      const reported = firstOutcome.status === 'rejected' || (firstOutcome.value.failures?.length ?? 0) > 0
      demand(reported, 'an event that cannot be applied was reported as written')
      demand(secondOutcome.status === 'rejected', 'a batch behind one with a refused event was reported as written')
      const error: unknown = secondOutcome.reason
      demand(
        isEdsError(error) && error.code === 'connection',
        () => `the batch behind must be rejected with the code "connection", not with ${error}`,
      )
      await context.expectStored([...first, ...second], { refused: [...first, ...second] })
      await session.connect()
      await session.writeAll(second)
      await context.expectStored([...first, ...second], { refused: first })
    },
  },
]
