import { type ChangeEvent, isEdsError } from '@eds/core'
import { demand } from '../conformance/violation.js'
import type { DriverCaseContext } from './case-context.js'
import { type DriverCase, rowsOnly } from './driver-case.js'
import type { TestTable } from './test-table.js'

/** Every destination can hold tables and columns of these names. */
const plainNames = ['select', 'Mixed_Case', 'UPPER', 'with space', 'dash-ed', 'dotted.name', '2nd', "apostrophe's"]

/** Some destinations cannot, and then have to say so. */
const hostileNames = [
  'double"quote',
  'back`tick',
  'back\\slash',
  '[bracketed]',
  'a/b',
  '../../outside',
  '..',
  '/etc/outside',
  '%2e%2e%2foutside',
  'semi;colon',
  'dollar$1',
  'per%cent',
  'ümläut',
  '🔧 wrench',
  'line\nbreak',
]

function lifeOfARow(table: TestTable): ChangeEvent[] {
  return [
    table.insert({ id: 'r1', name: 'first' }),
    table.insert({ id: 'r2', name: 'second' }),
    table.patch('r1', { name: 'changed' }),
    table.remove('r2'),
  ]
}

/** Writes to a table of this name. False when the driver says that it cannot have such a table. */
async function triesTable(context: DriverCaseContext, name: string): Promise<boolean> {
  const events = lifeOfARow(context.tableNamed(`kit ${name}`))
  const session = await context.connected()
  try {
    await session.prepare(events)
  } catch (error) {
    const honest = isEdsError(error) && !error.retryable
    demand(honest, () => `a table named ${JSON.stringify(name)} was met with ${error}`)
    return false
  }
  await session.writeAll(events)
  await context.expectStored(events)
  return true
}

export const nameCases: readonly DriverCase[] = [
  ...plainNames.map(
    (name): DriverCase => ({
      name: `names: a table named ${JSON.stringify(name)}`,
      async run(context) {
        demand(await triesTable(context, name), `the driver refuses a table named ${JSON.stringify(name)}`)
      },
    }),
  ),
  {
    name: 'names: tables with hostile names work or are refused before anything is written',
    async run(context) {
      for (const name of hostileNames) await triesTable(context, name)
    },
  },
  {
    name: 'names: columns with reserved and unusual names',
    skip: rowsOnly,
    async run(context) {
      const names = [...plainNames, 'order', 'from', 'null', 'user', 'default', 'key', '$dollar', 'ümläut']
      const more = Object.fromEntries(names.map((name) => [name, { type: 'string', nullable: true } as const]))
      const table = context.table('', { more })
      const session = await context.connected()
      const values = Object.fromEntries(names.map((name) => [name, `value of ${name}`]))
      const events = [
        table.insert({ id: 'r1', ...values }),
        table.insert({ id: 'r2' }),
        ...names.map((name) => table.patch('r2', { [name]: `patched ${name}` })),
      ]
      await session.writeAll(events.slice(0, 2))
      await session.writeAll(events.slice(2))
      await context.expectStored(events)
    },
  },
]
