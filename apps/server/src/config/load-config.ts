import type { Redactor } from '../redactor.js'
import { type ConfigSketch, configSketch } from './config-sketch.js'
import { type Environment, resolveReferences } from './environment-references.js'
import { type Problem, pathText, wrongConfig } from './problems.js'
import { environmentFor, readConfigContent } from './read-file.js'
import { type CheckedConfig, configSchema } from './schema.js'
import { statementProblems } from './statement-problems.js'

/** A configuration file that is right in itself. */
export interface LoadedConfig {
  /** Absolute. */
  readonly path: string
  readonly config: CheckedConfig
}

/** Looks for more that is wrong with a file, after these problems. */
export type FaultSearch = (sketch: ConfigSketch, known: readonly Problem[]) => Promise<readonly Problem[]>

/**
 * Reads a configuration file, puts the environment into it and checks it. Nothing is connected. The redactor learns its secrets.
 *
 * @throws CommandFailure (exit code 3) that lists everything that is wrong, by its path in the file
 */
export async function loadConfig(
  path: string,
  environment: Environment,
  redactor: Redactor,
  findMore: FaultSearch = async () => [],
): Promise<LoadedConfig> {
  const content = await readConfigContent(path)
  const { value, problems, secrets } = resolveReferences(content, await environmentFor(path, environment))
  redactor.add(secrets)
  const parsed = configSchema.safeParse(value)
  const sketch = configSketch.parse(value)
  const found = [...problems, ...issuesOf(parsed.error?.issues ?? []), ...statementProblems(sketch)]
  if (!parsed.success || found.length > 0) throw wrongConfig(path, [...found, ...(await findMore(sketch, found))])
  if (parsed.data.hashKey !== undefined) redactor.add([parsed.data.hashKey])
  return { path, config: parsed.data }
}

interface Issue {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

function issuesOf(issues: readonly Issue[]): Problem[] {
  return issues.map(({ path, message }) => ({ path: pathText(path), message: message.replace(/^Invalid input: /, '') }))
}
