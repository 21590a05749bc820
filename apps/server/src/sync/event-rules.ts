import type { ChangeEvent, JsonValue } from '@eds/core'
import { ExactNumber } from '@eds/core'
import { z } from 'zod'

const operations = ['INSERT', 'UPDATE', 'DELETE'] as const
const oneOrMore = <T extends z.ZodType>(item: T) => z.union([item, z.array(item).min(1)])

/** Which change events count as events of an endpoint. Everything that a rule says must hold. */
export const eventRuleSchema = z
  .strictObject({
    table: oneOrMore(z.string().min(1)).optional().describe('Name of the table, or several'),
    operation: oneOrMore(z.enum(operations)).optional().describe('INSERT, UPDATE or DELETE, or several'),
    where: z
      .record(z.string().min(1), z.union([z.string(), z.number(), z.boolean(), z.null()]))
      .optional()
      .describe('Path in the change event, such as `after.status`, and the value that must be there'),
  })
  .refine((rule) => Object.keys(rule).length > 0, 'must say something: table, operation or where')

export type EventRule = z.output<typeof eventRuleSchema>

/** The rules of each endpoint that has any, by `eventKey`. */
export type EndpointRules = ReadonlyMap<string, readonly EventRule[]>

/** The endpoints that an event belongs to, in the order of the configuration; each once. */
export function endpointsOf(event: ChangeEvent, rules: EndpointRules): string[] {
  return [...rules].filter(([, ofEndpoint]) => ofEndpoint.some((rule) => matches(event, rule))).map(([key]) => key)
}

function matches(event: ChangeEvent, { table, operation, where = {} }: EventRule): boolean {
  if (table !== undefined && ![table].flat().includes(event.table)) return false
  if (operation !== undefined && ![operation].flat().includes(event.operation)) return false
  return Object.entries(where).every(([path, wanted]) => isSame(valueAt(event, path), wanted))
}

/** `after.items.0.name`. A name that holds dots itself cannot be reached. */
function valueAt(event: ChangeEvent, path: string): unknown {
  let value: unknown = event
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || value instanceof ExactNumber) return undefined
    // The event's own fields are read by name, also where they are computed; of rows and lists only what was sent counts.
    const known = value === event ? name in value : Object.hasOwn(value, name)
    value = known ? (value as Readonly<Record<string, unknown>>)[name] : undefined
  }
  return value
}

/** What was not sent is not null. */
function isSame(found: unknown, wanted: JsonValue): boolean {
  return found instanceof ExactNumber ? found.text === String(wanted) : found === wanted
}
