import type { TableSchema } from '@eds/core'
import { ShopClock } from './clock.js'
import { fullImage } from './images.js'
import { LiveTable } from './live-table.js'
import { shopCompanies } from './options.js'
import { Random } from './random.js'
import { shopSchemas } from './schemas.js'
import { type RowBytes, type TableDefinition, tableDefinitions } from './tables.js'

export interface ExportRowsOptions {
  readonly seed: number
  /** Rows over all tables; shared out like the events. */
  readonly rows: number
  /** Default 3. */
  readonly companies?: number
  /** Default: all of {@link shopTables}. */
  readonly tables?: readonly string[]
  readonly rowBytes?: RowBytes
}

/** The rows of one table. */
export interface ExportTable {
  /** The newest version, which every row follows. */
  readonly schema: TableSchema
  readonly count: number
  /** JSON texts, made as they are asked for. */
  rows(): Iterable<string>
}

/** The content of an export, table by table. Keys are never those of {@link shopEvents}. */
export function exportTables(options: ExportRowsOptions, startTime: number): ExportTable[] {
  const rowBytes = options.rowBytes ?? 'realistic'
  const definitions = tableDefinitions(options.tables, rowBytes)
  const { latest } = shopSchemas({ tables: definitions.map(({ table }) => table), rowBytes })
  const counts = shares(options.rows, definitions)
  return definitions.flatMap((definition, index) => {
    const schema = latest.get(definition.table)
    const count = counts[index] ?? 0
    if (schema === undefined) return []
    return [{ schema, count, rows: () => tableRows(options, definition, count, index, startTime) }]
  })
}

/** `rows` by weight; what rounding leaves goes to the first tables. */
function shares(rows: number, definitions: readonly TableDefinition[]): number[] {
  const total = definitions.reduce((sum, { weight }) => sum + weight, 0)
  const counts = definitions.map(({ weight }) => Math.floor((rows * weight) / total))
  const left = rows - counts.reduce((sum, count) => sum + count, 0)
  return counts.map((count, index) => count + (index < left ? 1 : 0))
}

function* tableRows(
  options: ExportRowsOptions,
  definition: TableDefinition,
  count: number,
  tableIndex: number,
  startTime: number,
): Generator<string> {
  const random = new Random(options.seed + (tableIndex + 1) * 0x1_0000_0000)
  const clock = new ShopClock(startTime)
  const companies = shopCompanies(options.companies)
  const table = new LiveTable(definition, options.rowBytes ?? 'realistic', { capacity: 1, keyPrefix: 'import-' })
  const version = table.versions.at(-1)
  if (version === undefined) return
  for (let index = 0; index < count; index++) {
    clock.advance(random)
    const company = random.below(companies.length)
    const location = random.below(2)
    const companyId = companies[company] as string
    const context = { random, now: `"${clock.dateTime()}"`, companyId, locationId: `${companyId}-${location}` }
    const identity = { key: table.newKey(random, false), company, location, odd: false }
    yield fullImage(table, table.insert(identity, version, context), version, '')
  }
}
