import { type ChangeEvent, isEdsError } from '@eds/core'
import { unless } from '../conformance/conformance-case.js'
import { demand, demandRejection, demandSettled } from '../conformance/violation.js'
import type { DriverCaseContext } from './case-context.js'
import type { DriverCase } from './driver-case.js'
import { describeFailures } from './driver-session.js'
import type { TestTable } from './test-table.js'

function canDrop({ options }: DriverCaseContext): string | undefined {
  return unless(options.drop !== undefined, 'the suite was given no way to remove a table (option `drop`)')
}

function hasSchemas(context: DriverCaseContext): boolean {
  return context.session().driver.schema !== undefined
}

function rows(table: TestTable, count: number): ChangeEvent[] {
  return Array.from({ length: count }, (_, index) => table.insert({ id: `r${index}`, quantity: index }))
}

/** The table goes between two batches of this size. */
function dropped(name: string, size: number): DriverCase {
  return {
    name,
    skip: (context) =>
      canDrop(context) ??
      unless(hasSchemas(context), `${context.title} has no tables to prepare`) ??
      unless(size <= context.traits.maxBatchEvents, `a batch holds at most ${context.traits.maxBatchEvents} events`),
    async run(context) {
      const table = context.table()
      const session = await context.connected()
      const [before, after] = [rows(table, size), rows(table, size)]
      await session.writeAll(before)
      await context.options.drop?.(table.name)
      const write = session.writePrepared(after).then(({ failures = [] }) => {
        demand(
          failures.length === 0,
          () =>
            `write blames its events for the missing table, so they would be set aside: ${describeFailures(failures)}`,
        )
      })
      const error = await demandRejection(write, 'write resolved although its table was dropped')
      demand(isEdsError(error), () => `a missing table must be reported with the code "schema": ${error}`)
      demand(
        error.code === 'schema',
        () => `a missing table must be reported with the code "schema", not with "${error.code}": ${error.message}`,
      )
      await session.driver.schema?.prepare([table.schema], new AbortController().signal)
      await session.writeAll(after)
      await context.expectStored([...before, ...after], { refused: before, replayed: true })
    },
  }
}

export const droppedCases: readonly DriverCase[] = [
  dropped('dropped: the table of a single event is missing, and there again once it is prepared', 1),
  dropped('dropped: the table of a batch is missing, and there again once it is prepared', 200),
  {
    name: 'dropped: what holds the events of a table is missing, and there again after connecting at the latest',
    skip: (context) =>
      canDrop(context) ?? unless(!hasSchemas(context), `${context.title} has tables, which are prepared instead`),
    async run(context) {
      const table = context.table()
      const session = await context.connected()
      const [before, after] = [rows(table, 3), rows(table, 3)]
      await session.writeAll(before)
      await context.options.drop?.(table.name)
      const what = 'write to what is missing'
      const outcome = await demandSettled(session.writeAll(after), context.limitMs, what)
      if (outcome.status === 'rejected') {
        const error: unknown = outcome.reason
        demand(isEdsError(error) && error.retryable, () => `${what} rejected with something final: ${error}`)
        await session.connect()
        await session.writeAll(after)
      }
      await context.expectStored([...before, ...after], { refused: before, replayed: true })
    },
  },
]
