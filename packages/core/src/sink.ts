import type { DriverDefinition } from './driver.js'
import { EdsError } from './errors.js'
import type { Sink, SinkOptions } from './pipeline/types.js'

/**
 * A destination for `createPipeline`. `target` is a URL or a configuration object, validated here.
 *
 * @throws EdsError `configuration` that names what is wrong, without secrets.
 */
export function sink<Config>(
  definition: DriverDefinition<Config>,
  target: string | object,
  options: SinkOptions = {},
): Sink {
  const name = options.name ?? definition.name
  if (!/^[A-Za-z0-9_-]+$/.test(name)) {
    throw new EdsError('configuration', `"${name}" cannot name a sink`, { fix: 'use letters, digits, _ and -' })
  }
  const parsed = definition.config.safeParse(typeof target === 'string' ? definition.parse(target) : target)
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the whole'}: ${message}`)
    throw new EdsError(
      'configuration',
      `the ${definition.title} destination is not configured right: ${problems.join('; ')}`,
      {
        fix: `an example: ${definition.exampleUrl}`,
      },
    )
  }
  return { name, definition: definition as DriverDefinition, config: parsed.data, options }
}
