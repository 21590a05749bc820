import type { SchemaRegistry, TableSchema } from '@eds/core'
import { errorLine } from '../failure.js'
import { fileSchemas } from '../host/schema-registry.js'
import type { ConfigPlan } from './config-plan.js'
import { inferredTables, keyProblems } from './key-problems.js'
import { type NamingRules, nameProblems, namesAnything } from './name-problems.js'
import { type Problem, problemText, wrongConfig } from './problems.js'
import { shapesOf } from './table-shape.js'

type RulesPlan = Pick<ConfigPlan, 'path' | 'config' | 'rulePlaces' | 'settings' | 'database'>

/**
 * Looks whether filters and transforms name what is there, and leave every row its identity. Asks the registry, unless nothing is named.
 *
 * @returns What deserves a word, and stands in nobody's way
 * @throws CommandFailure (exit code 3) that lists everything that is wrong; what the registry throws, when there are transforms
 */
export async function checkRules(plan: RulesPlan, registry: SchemaRegistry, signal: AbortSignal): Promise<string[]> {
  const rules = rulesOf(plan)
  if (!rules.some(namesAnything)) return []
  if (isInferred(plan)) {
    refuse(plan, keyProblemsOf(plan, undefined))
    return []
  }
  const hasTransforms = rules.some(({ transforms = [] }) => transforms.length > 0)
  const latest = await latestOf(registry, signal, hasTransforms)
  if (typeof latest === 'string') return [latest]
  const { problems, warnings } = nameProblems(rules, await versionsOf(plan, latest))
  refuse(plan, [...problems, ...keyProblemsOf(plan, latest)])
  return warnings.map(problemText)
}

/** Whether a plan has names that nothing can be compared with, as its schemas are not known beforehand. */
export function namesAreUnknown(plan: RulesPlan): boolean {
  return isInferred(plan) && rulesOf(plan).some(namesAnything)
}

/** Filters alone take no row its identity: with these, delivery does not wait for a registry that is away, and a remark is the answer. */
async function latestOf(
  registry: SchemaRegistry,
  signal: AbortSignal,
  isNeeded: boolean,
): Promise<readonly TableSchema[] | string> {
  try {
    return [...(await registry.latest(signal)).values()]
  } catch (error) {
    if (isNeeded || signal.aborted) throw error
    return `the names in filters were not compared with the schemas: ${errorLine(error)}`
  }
}

/** All versions, where they can be told. */
async function versionsOf({ settings }: RulesPlan, latest: readonly TableSchema[]): Promise<readonly TableSchema[]> {
  return settings.schema.kind === 'file' ? fileSchemas(settings.schema.path) : latest
}

function isInferred({ settings, database }: RulesPlan): boolean {
  return settings.schema.kind === 'inferred' && database === undefined
}

function rulesOf({ config, rulePlaces }: RulesPlan): NamingRules[] {
  const { filters, transforms, sinks } = config
  return [
    { place: '', filters, transforms },
    ...sinks.map((sink, index) => ({
      place: `${rulePlaces[index]}.`,
      filters: sink.filters,
      transforms: sink.transforms,
    })),
  ]
}

/** @param declared - absent: schemas are inferred */
function keyProblemsOf({ config, rulePlaces }: RulesPlan, declared: readonly TableSchema[] | undefined): Problem[] {
  return config.sinks.flatMap(({ transforms = [], filters }, index): Problem[] => {
    const rules = [...(config.transforms ?? []), ...transforms]
    const all = [config.filters ?? [], filters ?? []].flat()
    const found = keyProblems(declared ?? inferredTables(rules), shapesOf(rules), declared ? all : [])
    return found.map((message) => ({ path: rulePlaces[index] ?? '', message }))
  })
}

function refuse({ path }: RulesPlan, problems: readonly Problem[]): void {
  if (problems.length > 0) throw wrongConfig(path, problems)
}
