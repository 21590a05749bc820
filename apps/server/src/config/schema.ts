import { z } from 'zod'
import { parseDuration } from '../duration.js'
import { parseStart } from '../settings/start.js'
import { referenceTo } from './environment-references.js'
import { sourceSchema } from './source-schema.js'

const text = z.string().min(1)
/** `*` stands for any characters. */
const pattern = text.describe('Name of a table; `*` stands for any characters')
const patterns = z.array(pattern).min(1)
const column = text
const columns = z.array(column).min(1)
const place = text
  .refine(
    (value) => parseStart(value, 0) !== undefined,
    'must be new, beginning, a time such as 2024-07-01T12:00:00Z, or a duration back such as 2h',
  )
  .describe('Where a sink begins that nobody remembers: `new`, `beginning`, a time, or a duration back such as `2h`')
const onError = z
  .enum(['dead-letter', 'halt'])
  .describe('What becomes of an event that cannot be applied: set aside, or the sink stops in front of it')
const linger = text
  .refine((value) => parseDuration(value) !== undefined, 'must be a duration such as 250ms, 2s or 24h')
  .describe('How long to wait for a batch to fill, such as `250ms`')
/** From the environment numbers come as text. */
const count = (most = Number.MAX_SAFE_INTEGER) => z.coerce.number<number | string>().int().min(1).max(most)

const filtersSchema = z
  .strictObject({
    tables: z
      .strictObject({
        include: patterns.optional().describe('Only these tables'),
        exclude: patterns.optional().describe('Not these tables, even if they are included'),
      })
      .optional()
      .describe('By the names that the source gives them'),
    companies: z.array(text).min(1).optional().describe('Only events of these companies'),
  })
  .describe('Which events are delivered')

const transformSchema = z
  .strictObject({
    table: pattern.describe(
      'The table, or a pattern of tables (`*` stands for any characters), by the name of the source',
    ),
    rename: text.optional().describe('What the table is called at the destination'),
    columns: z
      .strictObject({
        include: columns.optional().describe('Only these columns'),
        exclude: columns.optional().describe('Not these columns'),
        rename: z.record(column, column).optional().describe('Column → what it is called at the destination'),
        mask: columns.optional().describe('Columns whose values become `***`'),
        hash: columns.optional().describe('Columns whose values become a keyed hash: equal ones stay equal'),
      })
      .optional()
      .describe('By the names that the source gives them'),
  })
  .refine(({ table, rename }) => rename === undefined || !table.includes('*'), {
    path: ['rename'],
    error: 'needs one table, not a pattern: several tables would become one',
  })

const sinkSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9_-]+$/, 'must consist of letters, digits, _ and -')
      .describe('Unique; position, dead letters and the place at the source go by it'),
    url: text
      .optional()
      .describe(`The destination as a URL: \`postgres://user:${referenceTo('PASSWORD')}@host/database\``),
    driver: text.optional().describe('In place of the URL: the name of a driver, such as `postgres`'),
    options: z
      .record(z.string(), z.unknown())
      .optional()
      .describe('Options of the driver (`eds server help <driver>`); with a URL they come on top of it'),
    start: place.optional(),
    onError: onError.optional(),
    linger: linger.optional(),
    maxBatchEvents: count().optional().describe('Most events in a batch, if that is less than the driver takes'),
    maxBatchBytes: count().optional().describe('Most bytes in a batch, if that is less than the driver takes'),
    filters: filtersSchema.optional(),
    transforms: z.array(transformSchema).optional().describe('After those of all sinks'),
  })
  .refine(({ url, driver }) => (url === undefined) !== (driver === undefined), 'needs either url or driver')

/** What an `eds.config` file may hold. */
export const configSchema = z.strictObject({
  $schema: z.string().optional().describe('For editors'),
  source: sourceSchema.default({ type: 'nats' }),
  schema: text
    .optional()
    .describe('Table schemas: a JSON file, or an address that serves /v3/schema; default: inferred, or the catalog'),
  sinks: z.array(sinkSchema).min(1, 'needs one at least').describe('Destinations, independent of each other'),
  filters: filtersSchema.optional(),
  transforms: z.array(transformSchema).optional().describe('In this order, for every sink'),
  hashKey: text.optional().describe(`Key of the hashes, from the environment: \`${referenceTo('EDS_HASH_KEY')}\``),
  start: place.optional(),
  onError: onError.optional(),
  linger: linger.optional(),
  host: text.optional().describe('HTTP address'),
  port: z.coerce.number<number | string>().int().min(0).max(65_535).optional().describe('HTTP port'),
  drivers: z.array(text).optional().describe('Driver packages besides those that the project depends on'),
})

/** The content of an `eds.config` file, as it is written. */
export type EdsConfig = z.input<typeof configSchema>
/** {@link EdsConfig}, checked and completed. */
export type CheckedConfig = z.output<typeof configSchema>
export type SinkConfig = CheckedConfig['sinks'][number]
export type FilterConfig = z.output<typeof filtersSchema>
export type TransformConfig = z.output<typeof transformSchema>

/** Types the content of `eds.config.ts`, and keeps it as it is. */
export function defineConfig(config: EdsConfig): EdsConfig {
  return config
}

/** The JSON Schema of the file, for editors. */
export function configJsonSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(configSchema, { io: 'input', reused: 'ref' })
  return { $schema, title: 'eds.config', description: 'What eds server delivers, and where to', ...schema }
}
