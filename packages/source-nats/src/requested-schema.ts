import { type ColumnSchema, EdsError, type TableSchema } from '@eds/core'
import { z } from 'zod'

const columnTypes = {
  String: { type: 'string' },
  DateTime: { type: 'string', format: 'date-time' },
  BigInt: { type: 'integer' },
  Int: { type: 'integer' },
  Double: { type: 'number' },
  Float: { type: 'number' },
  Decimal: { type: 'number' },
  Boolean: { type: 'boolean' },
  Json: { type: 'object' },
  /** In events, base64. */
  Bytes: { type: 'string' },
} as const satisfies Record<string, ColumnSchema>

/** Go writes a list that it has not got as null. */
const flag = z.boolean().nullish()
const answerSchema = z.object({
  success: z.boolean(),
  message: z.string().nullish(),
  data: z
    .object({
      table: z.string().min(1),
      modelVersion: z.string().min(1),
      fields: z.array(
        z.object({
          name: z.string().min(1),
          type: z.string(),
          primary_key: flag,
          optional: flag,
          list: flag,
          enum: z.union([z.boolean(), z.array(z.unknown())]).nullish(),
        }),
      ),
    })
    .nullish(),
})

/**
 * Reads what the older generation of Shopmonkey's platform answers to `schema.<table>.<version>`. `undefined`: there is no such schema.
 *
 * @throws EdsError `configuration` that names the place at fault.
 */
export function readRequestedSchema(answer: unknown, subject: string): TableSchema | undefined {
  const parsed = answerSchema.safeParse(answer)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw unreadable(subject, `${issue?.path.join('.') || 'the answer'}: ${issue?.message}`)
  }
  const { success, data } = parsed.data
  if (!success || !data) return undefined
  const properties = data.fields.map((field) => [field.name, columnOf(field, subject)] as const)
  const primaryKeys = data.fields.filter((field) => field.primary_key).map(({ name }) => name)
  if (primaryKeys.length === 0) throw unreadable(subject, 'no field is a primary key')
  return {
    table: data.table,
    modelVersion: data.modelVersion,
    primaryKeys,
    required: data.fields.filter(({ optional }) => !optional).map(({ name }) => name),
    properties: Object.fromEntries(properties),
  }
}

interface Field {
  readonly name: string
  readonly type: string
  readonly optional?: boolean | null | undefined
  readonly list?: boolean | null | undefined
  readonly enum?: boolean | readonly unknown[] | null | undefined
}

function columnOf(field: Field, subject: string): ColumnSchema {
  const isEnum = field.enum === true || Array.isArray(field.enum)
  const known = Object.entries(columnTypes).find(([name]) => name === field.type)?.[1]
  if (!known && !isEnum) throw unreadable(subject, `${field.name} is of the unknown type "${field.type}"`)
  const column: ColumnSchema = known ?? columnTypes.String
  const nullable = field.optional === true && { nullable: true }
  if (!field.list) return { ...column, ...nullable }
  const names = Array.isArray(field.enum) ? field.enum.map(String) : []
  return { type: 'array', items: { type: column.type, ...(isEnum && { enum: names }) }, ...nullable }
}

function unreadable(subject: string, reason: string): EdsError {
  return new EdsError('configuration', `the schema answered to ${subject} cannot be read: ${reason}`)
}
