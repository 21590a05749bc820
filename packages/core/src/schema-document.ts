import { z } from 'zod'
import { EdsError } from './errors.js'
import type { TableSchema } from './schema.js'

const columnSchema = z.object({
  type: z.enum(['string', 'integer', 'number', 'boolean', 'object', 'array']),
  format: z.string().exactOptional(),
  nullable: z.boolean().exactOptional(),
  items: z
    .object({
      type: z.string().exactOptional(),
      enum: z.array(z.coerce.string()).exactOptional(),
      format: z.string().exactOptional(),
    })
    .exactOptional(),
  /** May be a schema of its own; to us that is the same as true. */
  additionalProperties: z.boolean().catch(true).exactOptional(),
  deprecated: z.boolean().exactOptional(),
})

const tableSchema: z.ZodType<TableSchema> = z
  .object({
    table: z.string().min(1),
    modelVersion: z.string().min(1),
    primaryKeys: z.array(z.string()).min(1),
    required: z.array(z.string()).default([]),
    properties: z.record(z.string(), columnSchema),
  })
  .superRefine(({ primaryKeys, properties }, context) => {
    const missing = primaryKeys.filter((name) => !Object.hasOwn(properties, name))
    for (const name of missing) {
      context.addIssue({ code: 'custom', path: ['properties'], message: `primary key "${name}" is missing` })
    }
  })

/**
 * Reads a map of object name → schema, as `GET /v3/schema` answers it. Unknown members are left out.
 *
 * @throws EdsError `configuration` that names every place at fault, such as `order.properties.total.type`.
 */
export function schemasFromDocument(document: unknown): TableSchema[] {
  return Object.values(parse(z.record(z.string(), tableSchema), document))
}

/**
 * What can be read of such a map: for each object its table, and its schema unless that cannot be read. So one odd schema stands in
 * the way of its own table only.
 */
export function readableSchemas(
  document: unknown,
): { object: string; table: string; schema: TableSchema | undefined }[] {
  const entries = Object.entries(parse(z.record(z.string(), z.unknown()), document))
  return entries.flatMap(([object, entry]) => {
    const table = z.object({ table: z.string() }).safeParse(entry).data?.table
    return table === undefined ? [] : [{ object, table, schema: tableSchema.safeParse(entry).data }]
  })
}

/** One schema. Throws as {@link schemasFromDocument} does. */
export function parseTableSchema(document: unknown): TableSchema {
  return parse(tableSchema, document)
}

const maxProblems = 10

function parse<T>(schema: z.ZodType<T>, document: unknown): T {
  const parsed = schema.safeParse(document)
  if (parsed.success) return parsed.data
  const { issues } = parsed.error
  const problems = issues
    .slice(0, maxProblems)
    .map(({ path, message }) => `${path.join('.') || 'document'}: ${message}`)
  if (issues.length > maxProblems) problems.push(`and ${issues.length - maxProblems} more`)
  throw new EdsError('configuration', `the table schemas cannot be read: ${problems.join('; ')}`)
}
