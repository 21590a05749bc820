import { type ConfigProblem, checkSyncConfig, type SyncConfig, syncConfigJsonSchema } from '@eds/sync'
import { z } from 'zod'
import { type EndpointRules, type EventRule, eventRuleSchema } from './event-rules.js'

/** What `eds sync` is configured with. */
export interface SyncProgramConfig {
  readonly sync: SyncConfig
  /** Empty when only HTTP brings events. */
  readonly rules: EndpointRules
}

export interface ProgramConfigCheck {
  /** Absent when there are problems. */
  readonly config?: SyncProgramConfig
  readonly problems: readonly ConfigProblem[]
  readonly warnings: readonly ConfigProblem[]
}

const fromSchema = z.array(eventRuleSchema).min(1)

/** EventSync's configuration, and `from` of each endpoint: the change events that count beside those that come over HTTP. */
export function checkProgramConfig(input: unknown, options: { readonly requireTarget: boolean }): ProgramConfigCheck {
  const { plain, rules, problems: ruleProblems } = takeRules(input)
  const { config, problems, warnings } = checkSyncConfig(plain, options)
  const all = [...problems, ...ruleProblems]
  return config === undefined || all.length > 0
    ? { problems: all, warnings }
    : { config: { sync: config, rules }, problems: all, warnings }
}

/** The JSON Schema of the configuration, for editors. */
export function programConfigJsonSchema(): unknown {
  const schema = syncConfigJsonSchema() as unknown as { properties: { endpoints: { items: { properties: object } } } }
  const { $schema: _, ...rules } = z.toJSONSchema(fromSchema, { io: 'input' })
  const from = { ...rules, description: 'Change events that count as events of this endpoint' }
  const { items } = schema.properties.endpoints
  const endpoints = { ...schema.properties.endpoints, items: { ...items, properties: { ...items.properties, from } } }
  return { ...schema, properties: { ...schema.properties, endpoints } }
}

interface TakenRules {
  readonly plain: unknown
  readonly rules: EndpointRules
  readonly problems: readonly ConfigProblem[]
}

function takeRules(input: unknown): TakenRules {
  const rules = new Map<string, readonly EventRule[]>()
  const problems: ConfigProblem[] = []
  if (!isObject(input) || !Array.isArray(input.endpoints)) return { plain: input, rules, problems }
  const endpoints = input.endpoints.map((endpoint: unknown, index) => {
    if (!isObject(endpoint) || endpoint.from === undefined) return endpoint
    const { from, ...plain } = endpoint
    const parsed = fromSchema.safeParse(from)
    if (parsed.success) rules.set(String(plain.eventKey), parsed.data)
    else problems.push(...parsed.error.issues.map((issue) => problemOf(issue, `endpoints[${index}].from`)))
    return plain
  })
  return { plain: { ...input, endpoints }, rules, problems }
}

function problemOf({ path, message }: z.core.$ZodIssue, base: string): ConfigProblem {
  const inner = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('')
  return { path: base + inner, message }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
