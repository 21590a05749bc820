import type { SchemaRegistry } from '@eds/core'
import type { ConfigPlan } from './config-plan.js'
import { inferredTables, keyProblems } from './key-problems.js'
import { type Problem, wrongConfig } from './problems.js'
import { shapesOf } from './table-shape.js'

/**
 * Looks whether a configuration that changes tables leaves every row its identity. Asks the registry, unless nothing is changed.
 *
 * @throws CommandFailure (exit code 3) that lists everything that is wrong; what the registry throws
 */
export async function checkKeys(
  plan: Pick<ConfigPlan, 'path' | 'config' | 'settings' | 'database'>,
  registry: SchemaRegistry,
  signal: AbortSignal,
): Promise<void> {
  const { config, path, settings, database } = plan
  const general = config.transforms ?? []
  if (general.length === 0 && config.sinks.every(({ transforms = [] }) => transforms.length === 0)) return
  const isInferred = settings.schema.kind === 'inferred' && database === undefined
  const declared = isInferred ? undefined : [...(await registry.latest(signal)).values()]
  const problems = config.sinks.flatMap(({ transforms = [], filters }, index): Problem[] => {
    const rules = [...general, ...transforms]
    const all = [config.filters ?? [], filters ?? []].flat()
    const found = keyProblems(declared ?? inferredTables(rules), shapesOf(rules), declared ? all : [])
    return found.map((message) => ({ path: `sinks[${index}]`, message }))
  })
  if (problems.length > 0) throw wrongConfig(path, problems)
}
