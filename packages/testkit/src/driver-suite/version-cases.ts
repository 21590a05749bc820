import { demand } from '../conformance/violation.js'
import { type DriverCase, rowsOnly } from './driver-case.js'
import { later, migrates, schemaSupport } from './migration-cases.js'

const signal = new AbortController().signal

/** Writers of several versions of a schema at the same time. */
export const versionCases: readonly DriverCase[] = [
  {
    name: 'migration: events of older and newer versions mix in one batch',
    skip: migrates,
    async run(context) {
      const table = context.table()
      const newer = later(context, table)
      const events = [
        table.insert({ id: 'r1', name: 'one' }),
        newer.insert({ id: 'r2', name: 'two', mileage: 2 }),
        newer.update({ id: 'r1', name: 'eins', mileage: 1, remark: 'set by the newer version' }),
        table.patch('r2', { name: 'zwei' }),
        table.insert({ id: 'r3', name: 'three' }),
        newer.patch('r3', { remark: 'only this' }),
      ]
      await (await context.connected()).writeAll(events)
      await context.expectStored(events)
    },
  },
  {
    name: 'migration: schemas are told apart by version, whichever was prepared last',
    skip: migrates,
    async run(context) {
      const table = context.table()
      const newer = later(context, table)
      const session = await context.connected()
      await schemaSupport(session).prepare([newer.schema], signal)
      const changes = await schemaSupport(session).prepare([table.schema], signal)
      demand(
        changes.length === 0,
        () => `prepare says that an older version changed the table: ${JSON.stringify(changes)}`,
      )
      const events = [
        newer.insert({ id: 'r1', name: 'one', mileage: 1, remark: 'of the newer version' }),
        table.insert({ id: 'r2', name: 'two' }),
        newer.patch('r2', { mileage: 2 }),
      ]
      await session.writePrepared(events)
      await context.expectStored(events)
    },
  },
  {
    name: 'migration: a driver that starts with an older version leaves newer columns alone',
    skip: migrates,
    async run(context) {
      const table = context.table()
      const newer = later(context, table)
      const events = [newer.insert({ id: 'r1', name: 'one', mileage: 1, remark: 'kept' })]
      await (await context.connected()).writeAll(events)
      events.push(table.patch('r1', { name: 'eins' }), table.insert({ id: 'r2', name: 'two' }))
      await (await context.connected()).writeAll(events.slice(1))
      await context.expectStored(events)
    },
  },
  {
    name: 'migration: an insert of an older version over a row that is there leaves newer columns alone',
    skip: (context) => migrates(context) ?? rowsOnly(context),
    async run(context) {
      const table = context.table()
      const newer = later(context, table)
      const session = await context.connected()
      const first = newer.insert({ id: 'r1', name: 'one', mileage: 1, remark: 'kept' })
      const second = newer.insert({ id: 'r2', name: 'two', mileage: 2, remark: 'kept' })
      const rows = [
        { id: 'r1', name: 'eins' },
        { id: 'r2', name: 'zwei' },
      ]
      const inserts = rows.map((row) => table.insert(row))
      await session.writeAll([first])
      await session.writeAll(inserts.slice(0, 1))
      await session.writeAll([second, ...inserts.slice(1)])
      // Over a row that is there, an INSERT takes the columns that its image has: what an UPDATE with this image does.
      const updates = rows.map((row) => table.update(row))
      await context.expectStored([first, second, ...updates])
    },
  },
]
