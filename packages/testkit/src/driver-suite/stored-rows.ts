import type { ChangeEvent, Row, TableSchema } from '@eds/core'
import { compareState, describeDifferences, ExpectedState } from '@eds/shop'
import { demand } from '../conformance/violation.js'
import type { TableDestination } from './options.js'
import type { SchemaShelf } from './schema-shelf.js'

/** What {@link expectStoredRows} compares. */
export interface RowExpectation {
  /** The events that were written and not refused, in order. */
  readonly written: readonly ChangeEvent[]
  readonly tables: ReadonlySet<string>
  readonly shelf: SchemaShelf
}

/** Fails unless the tables hold exactly the rows that these events leave, applied one by one. */
export async function expectStoredRows(destination: TableDestination, expectation: RowExpectation): Promise<void> {
  const { written, tables, shelf } = expectation
  const expected = new ExpectedState({ schemas: shelf })
  for (const event of written) expected.apply(event.bytes)
  const read = (table: string, schema: TableSchema) => readRows(destination, table, schema)
  const differences = await compareState(expected, read, { limit: 10 })
  demand(
    differences.length === 0,
    () => `the destination does not hold what was written:\n${describeDifferences(differences)}`,
  )
  const touched = new Set(expected.tables())
  for (const table of tables) {
    if (!touched.has(table)) await expectNoRows(destination, table, shelf.latestOf(table))
  }
}

async function expectNoRows(destination: TableDestination, table: string, schema: TableSchema): Promise<void> {
  for await (const row of readRows(destination, table, schema)) {
    demand(
      false,
      `"${table}" holds a row although nothing was applied to it: ${String(row[schema.primaryKeys[0] ?? 'id'])}`,
    )
  }
}

async function* readRows(destination: TableDestination, table: string, schema: TableSchema): AsyncGenerator<Row> {
  yield* await destination.read(table, schema)
}
