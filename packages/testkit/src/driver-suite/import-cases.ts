import type { BulkImporter, ChangeEvent } from '@eds/core'
import { unless } from '../conformance/conformance-case.js'
import { demand, demandRejection } from '../conformance/violation.js'
import type { DriverCaseContext } from './case-context.js'
import type { DriverCase } from './driver-case.js'
import { needsPoison, poisonInsert } from './poison-cases.js'
import type { TestTable } from './test-table.js'

const signal = new AbortController().signal

function imports(context: DriverCaseContext): string | undefined {
  return unless(context.session().driver.importer !== undefined, `${context.title} imports through write`)
}

async function openImporter(context: DriverCaseContext): Promise<BulkImporter> {
  const { driver } = await context.connected()
  demand(driver.importer !== undefined, 'the driver has an importer facet in one instance and none in another')
  return driver.importer
}

async function* inChunks(rows: readonly ChangeEvent[], size = 500): AsyncGenerator<readonly ChangeEvent[]> {
  for (let from = 0; from < rows.length; from += size) yield rows.slice(from, from + size)
}

function importRows(table: TestTable, count: number, name: string): ChangeEvent[] {
  return Array.from({ length: count }, (_, index) => table.importRow({ id: `r${index}`, name, quantity: index }))
}

/** Loads rows into a table that holds the row `old` and an older `r0`; `left` are the events that count afterwards. */
async function load(context: DriverCaseContext, mode: 'replace' | 'merge', count: number): Promise<void> {
  const table = context.table()
  const before = [table.insert({ id: 'old', name: 'was there' }), table.insert({ id: 'r0', name: 'older' })]
  await (await context.connected()).writeAll(before)
  const rows = importRows(table, count, 'imported')
  const importer = await openImporter(context)
  const result = await importer.load({ schema: table.schema, rows: inChunks(rows), mode }, signal)
  demand(result.rows === count, `load says ${result.rows} rows of ${count}`)
  const refused = mode === 'replace' ? before : []
  await context.expectStored([...before, ...rows], { refused })
}

export const importCases: readonly DriverCase[] = [
  {
    name: 'import: replace leaves the imported rows only',
    skip: imports,
    run: (context) => load(context, 'replace', 3_000),
  },
  {
    name: 'import: replace with no rows leaves an empty table',
    skip: imports,
    run: (context) => load(context, 'replace', 0),
  },
  {
    name: 'import: merge keeps other rows and lets imported ones win',
    skip: imports,
    run: (context) => load(context, 'merge', 3_000),
  },
  {
    name: 'import: into a table that is not there, twice, then written to',
    skip: imports,
    async run(context) {
      const table = context.table()
      const rows = importRows(table, 10, 'imported')
      const importer = await openImporter(context)
      for (const mode of ['replace', 'merge'] as const) {
        await importer.load({ schema: table.schema, rows: inChunks(rows, 3), mode }, signal)
      }
      const changes = [table.patch('r1', { name: 'changed' }), table.remove('r2'), table.insert({ id: 'new' })]
      await (await context.connected()).writeAll(changes)
      await context.expectStored([...rows, ...changes], { replayed: true })
    },
  },
  {
    name: 'import: a merge with a row that is refused leaves the table as it was, and names the row',
    skip: (context) => imports(context) ?? needsPoison(context),
    async run(context) {
      const table = context.table()
      const before = [table.insert({ id: 'r0', name: 'was there' })]
      await (await context.connected()).writeAll(before)
      const rows = [...importRows(table, 700, 'imported'), poisonInsert(context, table, { id: 'bad' })]
      const importer = await openImporter(context)
      const error = await demandRejection(
        importer.load({ schema: table.schema, rows: inChunks(rows), mode: 'merge' }, signal),
        'a row that cannot be stored was reported as loaded',
      )
      const index = (error as { index?: number }).index
      demand(index === undefined || index === 700, `the error names row ${index} instead of 700`)
      await context.expectStored([...before, ...rows], { refused: rows })
    },
  },
  {
    name: 'import: rows that cannot be read any further leave the table as it was',
    skip: imports,
    async run(context) {
      const table = context.table()
      const before = [table.insert({ id: 'r0', name: 'was there' })]
      await (await context.connected()).writeAll(before)
      const rows = importRows(table, 600, 'imported')
      const importer = await openImporter(context)
      const request = { schema: table.schema, rows: breakingOff(rows), mode: 'merge' } as const
      await demandRejection(importer.load(request, signal), 'load resolved although its rows broke off')
      await context.expectStored([...before, ...rows], { refused: rows })
    },
  },
]

async function* breakingOff(rows: readonly ChangeEvent[]): AsyncGenerator<readonly ChangeEvent[]> {
  yield* inChunks(rows, 100)
  throw new Error('the file broke off')
}
