import { type ConfigProblem, checkSyncConfig, issueProblems, type SyncConfig, syncConfigJsonSchema } from '@eds/sync'
import { z } from 'zod'
import { type EndpointRules, type EventRule, eventRuleSchema } from './event-rules.js'
import { ruleRemarks } from './rule-remarks.js'

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
  const { plain, rules, problems: ruleProblems, remarks } = takeRules(input)
  const { config, problems, warnings: ignored } = checkSyncConfig(plain, options)
  const warnings = [...ignored, ...remarks]
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
  readonly remarks: readonly ConfigProblem[]
}

function takeRules(input: unknown): TakenRules {
  const rules = new Map<string, readonly EventRule[]>()
  const problems: ConfigProblem[] = []
  const remarks: ConfigProblem[] = []
  if (!isObject(input) || !Array.isArray(input.endpoints)) return { plain: input, rules, problems, remarks }
  const endpoints = input.endpoints.map((endpoint: unknown, index) => {
    if (!isObject(endpoint) || endpoint.from === undefined) return endpoint
    const { from, ...plain } = endpoint
    const parsed = fromSchema.safeParse(from, { reportInput: true })
    const path = `endpoints[${index}].from`
    if (!parsed.success) problems.push(...issueProblems(parsed.error.issues, path))
    else {
      rules.set(String(plain.eventKey), parsed.data)
      remarks.push(...ruleRemarks(parsed.data, path))
    }
    return plain
  })
  return { plain: { ...input, endpoints }, rules, problems, remarks }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
