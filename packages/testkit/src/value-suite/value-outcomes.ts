import {
  type ChangeEvent,
  type ColumnSchema,
  type DriverDefinition,
  decodeEvent,
  isEdsError,
  memoryState,
  padSequence,
  type Row,
  systemClock,
  type TableSchema,
} from '@eds/core'
import { canonicalValue } from '@eds/shop'
import { batchOf } from '../driver-suite/driver-session.js'
import { type ValueCase, valueCases } from './value-cases.js'

export interface ValueOptions<Config> {
  readonly definition: DriverDefinition<Config>
  /** A destination that has no tables named `kit_value_…`. */
  readonly url: string
  /** All rows of a table as they are stored now, read past the driver; as in `testDriver`. */
  read(table: string, schema: TableSchema): Promise<Iterable<Row>> | AsyncIterable<Row>
}

/**
 * Writes every one of {@link valueCases} into a table of its own and says what became of it: name of the case → `unchanged`, `refused`
 * (the event fails as `record`), or `stored as …` with the canonical text of what is there instead.
 *
 * @throws EdsError other than `record`, as the driver threw it.
 */
export async function valueOutcomes<Config>(options: ValueOptions<Config>): Promise<ReadonlyMap<string, string>> {
  const { definition, url } = options
  const signal = new AbortController().signal
  const silent = () => {}
  const driver = definition.create(definition.config.parse(definition.parse(url)), {
    sink: 'values',
    session: 'values',
    logger: { debug: silent, info: silent, warn: silent, error: silent },
    clock: systemClock,
    random: Math.random,
    metrics: { count: silent },
    state: memoryState(),
  })
  const outcomes = new Map<string, string>()
  try {
    await driver.connect(signal)
    await driver.schema?.prepare(valueCases.map(schemaOf), signal)
    for (const [index, valueCase] of valueCases.entries()) {
      const taken = await takes(() => driver.write(batchOf([eventOf(valueCase, index)]), signal))
      outcomes.set(valueCase.name, taken ? await stored(options, valueCase, index) : 'refused')
    }
    return outcomes
  } finally {
    await driver.close()
  }
}

function schemaOf({ column }: ValueCase, index: number): TableSchema {
  const properties = { id: { type: 'string' }, value: column } as const
  return { table: `kit_value_${index}`, modelVersion: 'v1', primaryKeys: ['id'], required: ['id'], properties }
}

function eventOf({ json }: ValueCase, index: number): ChangeEvent {
  const head = `"operation":"INSERT","id":"value-${index}","table":"kit_value_${index}","key":["region","1"]`
  const tail = `"modelVersion":"v1","timestamp":1720000000000,"mvccTimestamp":"1720000000000000000.${index}"`
  const bytes = Buffer.from(`{${head},"after":{"id":"1","value":${json}},${tail}}`)
  return decodeEvent({ position: padSequence(index + 1), bytes, time: 0 })
}

async function takes(write: () => Promise<{ readonly failures?: readonly unknown[] }>): Promise<boolean> {
  try {
    const { failures = [] } = await write()
    return failures.length === 0
  } catch (error) {
    if (isEdsError(error) && error.code === 'record') return false
    throw error
  }
}

async function stored<Config>(options: ValueOptions<Config>, valueCase: ValueCase, index: number): Promise<string> {
  const schema = schemaOf(valueCase, index)
  const rows: Row[] = []
  for await (const row of await options.read(schema.table, schema)) rows.push(row)
  const [row] = rows
  if (row === undefined || rows.length > 1) return `${rows.length} rows`
  const found = canonicalValue(row.value, exactly(valueCase.column))
  const sent = canonicalValue(eventOf(valueCase, index).after?.value, exactly(valueCase.column))
  return found === sent ? 'unchanged' : `stored as ${found ?? 'null'}`
}

/** Numbers are compared digit by digit, not as the doubles that they are rounded to. */
function exactly(column: ColumnSchema): ColumnSchema {
  return column.type === 'number' ? { ...column, type: 'integer' } : column
}

/**
 * The column of a Markdown table headed by `destination`: first cell of a row → its text in that column. For tests that compare a page
 * about types with what a driver does.
 */
export function documentedOutcomes(markdown: string, destination: string): ReadonlyMap<string, string> {
  const rows = markdown
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map(cellsOf)
  const head = rows.find((cells) => cells.includes(destination))
  const column = head?.indexOf(destination) ?? -1
  if (head === undefined || column < 1) throw new Error(`no table has a column "${destination}"`)
  const names = new Set(valueCases.map(({ name }) => name))
  return new Map(rows.filter(([name = '']) => names.has(name)).map((cells) => [cells[0] ?? '', cells[column] ?? '']))
}

function cellsOf(line: string): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())
}
