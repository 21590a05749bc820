import { EdsError } from '@eds/core'
import type { z } from 'zod'
import { type SyncConfig, syncConfigSchema } from './config.js'
import { issueProblems } from './issue-problems.js'

/** Something wrong with a configuration. */
export interface ConfigProblem {
  /** Where: `endpoints[1].eventKey`; empty for the whole. */
  readonly path: string
  readonly message: string
}

export interface ConfigCheck {
  /** Complete, with defaults; absent when there are problems. */
  readonly config?: SyncConfig
  /** All that must change, in the order of the schema. */
  readonly problems: readonly ConfigProblem[]
  /** Names that mean nothing here and are ignored. */
  readonly warnings: readonly ConfigProblem[]
}

export interface ConfigCheckOptions {
  /** False for programs that send the messages elsewhere. Default: true, as for EventSync. */
  readonly requireTarget?: boolean
}

/**
 * Validates and completes a configuration. As EventSync does, it takes the names of fields in any case and ignores unknown ones; those
 * it reports as warnings.
 */
export function checkSyncConfig(input: unknown, { requireTarget = true }: ConfigCheckOptions = {}): ConfigCheck {
  const warnings: ConfigProblem[] = []
  const known = spellKnown(input, syncConfigSchema, '', warnings)
  const result = syncConfigSchema.safeParse(known, { reportInput: true })
  const problems = issueProblems(result.error?.issues ?? [])
  problems.push(...repeatedKeys(known))
  if (requireTarget && isObject(known) && known.targetPubSub === undefined) {
    problems.push({ path: 'targetPubSub', message: 'is missing' })
  }
  return result.success && problems.length === 0 ? { config: result.data, problems, warnings } : { problems, warnings }
}

/**
 * The configuration, complete.
 *
 * @throws EdsError `configuration` that lists all problems, each with its path.
 */
export function parseSyncConfig(input: unknown, options?: ConfigCheckOptions): SyncConfig {
  const { config, problems } = checkSyncConfig(input, options)
  if (config !== undefined) return config
  const lines = problems.map(({ path, message }) => `\n  ${path === '' ? 'the configuration' : path}: ${message}`)
  throw new EdsError('configuration', `the synchronisation is not configured properly:${lines.join('')}`)
}

function repeatedKeys(config: unknown): ConfigProblem[] {
  if (!isObject(config) || !Array.isArray(config.endpoints)) return []
  const first = new Map<unknown, number>()
  const problems: ConfigProblem[] = []
  for (const [index, endpoint] of config.endpoints.entries()) {
    const key: unknown = isObject(endpoint) ? endpoint.eventKey : undefined
    const earlier = first.get(key)
    if (key === undefined || earlier === undefined) first.set(key, index)
    else
      problems.push({ path: `endpoints[${index}].eventKey`, message: `"${key}" is that of endpoints[${earlier}] too` })
  }
  return problems
}

/** A copy whose known names are spelled as in the schema, without the unknown ones. */
function spellKnown(value: unknown, schema: z.ZodType, path: string, warnings: ConfigProblem[]): unknown {
  const { type, shape, element, innerType } = schema.def as SchemaParts
  if (innerType !== undefined) return spellKnown(value, innerType, path, warnings)
  if (type === 'array' && element !== undefined && Array.isArray(value)) {
    return value.map((item, index) => spellKnown(item, element, `${path}[${index}]`, warnings))
  }
  if (shape === undefined || !isObject(value)) return value
  const spelling = new Map(Object.keys(shape).map((name) => [name.toLowerCase(), name]))
  const copy: Record<string, unknown> = {}
  for (const [written, part] of Object.entries(value)) {
    const name = spelling.get(written.toLowerCase())
    const here = path === '' ? (name ?? written) : `${path}.${name ?? written}`
    const inner = name === undefined ? undefined : shape[name]
    if (name === undefined || inner === undefined) warnings.push({ path: here, message: 'is unknown and ignored' })
    else copy[name] = spellKnown(part, inner, here, warnings)
  }
  return copy
}

/** What the kinds of schema used here say of their parts. */
interface SchemaParts {
  readonly type: string
  readonly shape?: Readonly<Record<string, z.ZodType>>
  readonly element?: z.ZodType
  readonly innerType?: z.ZodType
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
