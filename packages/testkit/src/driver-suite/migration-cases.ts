import { isEdsError, type SchemaSupport } from '@eds/core'
import { unless } from '../conformance/conformance-case.js'
import { demand, demandRejection } from '../conformance/violation.js'
import type { DriverCaseContext } from './case-context.js'
import type { DriverCase } from './driver-case.js'
import type { DriverSession } from './driver-session.js'
import { type TestTable, testSchema } from './test-table.js'

const signal = new AbortController().signal

export function migrates(context: DriverCaseContext): string | undefined {
  const has = context.session().driver.schema !== undefined
  return unless(has, `${context.title} has no tables to migrate`)
}

export function schemaSupport({ driver }: DriverSession): SchemaSupport {
  demand(driver.schema !== undefined, 'the driver has a schema facet in one instance and none in another')
  return driver.schema
}

/** The table in a later version with two more columns. */
export function later(context: DriverCaseContext, table: TestTable): TestTable {
  const more = { mileage: { type: 'integer', nullable: true }, remark: { type: 'string', nullable: true } } as const
  return table.at(context.declare(testSchema(table.name, 'b2', { more })))
}

export const migrationCases: readonly DriverCase[] = [
  {
    name: 'migration: prepare makes a missing table and says so, and does nothing the second time',
    skip: migrates,
    async run(context) {
      const table = context.table()
      const session = await context.connected()
      const changes = await schemaSupport(session).prepare([table.schema], signal)
      const created = changes.find((change) => change.table === table.name && change.change === 'table created')
      demand(created !== undefined, `prepare did not say that it created "${table.name}": ${JSON.stringify(changes)}`)
      const event = table.insert({ id: 'r1', name: 'kept' })
      await session.writePrepared([event])
      const again = await schemaSupport(session).prepare([table.schema], signal)
      demand(again.length === 0, `prepare says that it changed a table that fits: ${JSON.stringify(again)}`)
      await context.expectStored([event])
    },
  },
  {
    name: 'migration: a later version adds its columns and keeps the rows',
    skip: migrates,
    async run(context) {
      const table = context.table()
      const session = await context.connected()
      const events = [table.insert({ id: 'r1', name: 'old' }), table.insert({ id: 'r2', name: 'old too' })]
      await session.writeAll(events)
      const newer = later(context, table)
      const changes = await schemaSupport(session).prepare([newer.schema], signal)
      const added = changes.find((change) => change.table === table.name && change.change === 'columns added')
      demand(added !== undefined, `prepare did not say that it added columns: ${JSON.stringify(changes)}`)
      demand(
        [...added.columns].sort().join() === 'mileage,remark',
        `prepare added ${added.columns} instead of mileage,remark`,
      )
      events.push(newer.insert({ id: 'r3', mileage: 3, remark: 'new' }), newer.patch('r1', { mileage: 1 }))
      await session.writeAll(events.slice(2))
      await context.expectStored(events)
    },
  },
  {
    name: 'migration: several tables are prepared in one call',
    skip: migrates,
    async run(context) {
      const tables = ['one', 'two', 'three'].map((suffix) => context.table(suffix))
      const session = await context.connected()
      const schemas = tables.map(({ schema }) => schema)
      await schemaSupport(session).prepare(schemas, signal)
      const events = tables.map((table) => table.insert({ id: 'r1', name: table.name }))
      await session.writePrepared(events)
      await context.expectStored(events)
    },
  },
  {
    name: 'migration: a property that the schema does not name is left out',
    skip: migrates,
    async run(context) {
      const table = context.table()
      const events = [table.insert({ id: 'r1', name: 'one', ghost: 'not in the schema' })]
      await (await context.connected()).writeAll(events)
      await context.expectStored(events)
    },
  },
  {
    name: 'migration: a property that an open schema does not name is asked for',
    skip: migrates,
    async run(context) {
      const known = context.table()
      const open = known.at(context.declare({ ...known.schema, open: true }))
      const session = await context.connected()
      const event = open.insert({ id: 'r1', name: 'one', learned: 'a new column' })
      const error = await demandRejection(
        session.write([event]),
        'a row with a property that its open schema does not name was written without it',
      )
      demand(isEdsError(error) && error.code === 'schema', () => `the code must be "schema": ${error}`)
      demand(error.index === undefined || error.index === 0, `the error names event ${error.index} of a batch of one`)
      const wider = testSchema(known.name, known.schema.modelVersion, {
        more: { learned: { type: 'string', nullable: true } },
      })
      context.declare({ ...wider, open: true })
      await session.writeAll([event])
      await context.expectStored([event])
    },
  },
]
