import { type ChangeEvent, isEdsError } from '@eds/core'
import { demand } from '../conformance/violation.js'
import type { DriverCaseContext } from './case-context.js'
import type { DriverCase } from './driver-case.js'
import { type DriverSession, describeFailures } from './driver-session.js'
import { IsolatingWriter } from './isolate.js'
import type { TestRow, TestTable } from './test-table.js'

/** Skips where nothing is known that the destination refuses. */
export function needsPoison({ showsRows, options, title }: DriverCaseContext): string | undefined {
  const known = showsRows || options.poison !== undefined
  return known ? undefined : `no event is known that ${title} would refuse (option \`poison\`)`
}

/** An INSERT that the destination cannot take. */
export function poisonInsert({ options }: DriverCaseContext, table: TestTable, row: TestRow): ChangeEvent {
  return table.insert(options.poison?.(row) ?? { ...row, quantity: 'not a number' })
}

function goodRows(table: TestTable, count: number): ChangeEvent[] {
  return Array.from({ length: count }, (_, index) => table.insert({ id: `good ${index}`, quantity: index }))
}

/** Batch with poison at these places among 20 good events: exactly the poison is refused, all else is stored. */
function isolation(name: string, places: readonly number[]): DriverCase {
  return {
    name,
    skip: needsPoison,
    async run(context) {
      const table = context.table()
      const events = goodRows(table, 20)
      const poison = places.map((place) => poisonInsert(context, table, { id: `bad ${place}` }))
      for (const [index, place] of places.entries()) events.splice(place, 0, poison[index] as ChangeEvent)
      const writer = new IsolatingWriter(await context.connected())
      await writer.write(events)
      const unreported = poison.find((event) => !writer.refused.has(event))
      demand(
        unreported === undefined,
        () => `an event that cannot be applied was reported as written: position ${unreported?.position}`,
      )
      demand(
        writer.refused.size === poison.length,
        () => `good events were refused: ${[...writer.refused.values()].join('; ')}`,
      )
      await context.expectStored(events, { refused: poison, replayed: true })
    },
  }
}

export const poisonCases: readonly DriverCase[] = [
  isolation('refused events: one in the middle of a batch leaves the rest durable', [10]),
  isolation('refused events: the first of a batch leaves the rest durable', [0]),
  isolation('refused events: the last of a batch leaves the rest durable', [20]),
  isolation('refused events: several of a batch are told apart', [0, 5, 6, 22]),
  {
    name: 'refused events: alone in a batch, the error is of the kind `record`',
    skip: needsPoison,
    async run(context) {
      const table = context.table()
      const poison = poisonInsert(context, table, { id: 'bad' })
      const errors = await errorsOf(await context.connected(), [poison])
      demand(errors.length === 1, 'an event that cannot be applied was reported as written')
      const [error] = errors
      demand(isEdsError(error), () => `the error is not an EdsError: ${error}`)
      demand(error.code === 'record', `the code is "${error.code}" instead of "record": ${error.message}`)
    },
  },
  {
    name: 'refused events: nothing of a row is applied after its refused event',
    skip: needsPoison,
    async run(context) {
      const table = context.table()
      const before = table.insert({ id: 'row', name: 'before', quantity: 1 })
      const batch = [
        table.insert({ id: 'other', quantity: 2 }),
        poisonInsert(context, table, { id: 'row', name: 'refused' }),
        table.update({ id: 'row', name: 'after', quantity: 3 }),
      ]
      const session = await context.connected()
      await session.writeAll([before])
      const failed = await failedEvents(session, batch)
      if (failed === undefined) return
      demand(failed.includes(batch[1] as ChangeEvent), 'write resolved without naming the event that cannot be applied')
      demand(
        failed.includes(batch[2] as ChangeEvent),
        'write resolved as if an event had been applied after a refused one of its row',
      )
      await context.expectStored([before, ...batch], { refused: failed })
    },
  },
]

/** Events named as failures; `undefined` when the whole batch was rejected, which promises nothing about its events. */
async function failedEvents(
  session: DriverSession,
  events: readonly ChangeEvent[],
): Promise<ChangeEvent[] | undefined> {
  try {
    const { failures = [] } = await session.write(events)
    return failures.map(({ index }) => {
      const event = events[index]
      demand(event !== undefined, () => `a failure's index is outside the batch: ${describeFailures(failures)}`)
      return event
    })
  } catch (error) {
    demand(
      isEdsError(error) && error.code === 'record',
      () => `the batch was rejected with something else than "record": ${error}`,
    )
    return undefined
  }
}

async function errorsOf(session: DriverSession, events: readonly ChangeEvent[]): Promise<unknown[]> {
  try {
    const { failures = [] } = await session.write(events)
    return failures.map(({ error }) => error)
  } catch (error) {
    return [error]
  }
}
