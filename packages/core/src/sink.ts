import type { DriverDefinition } from './driver.js'
import { EdsError } from './errors.js'
import type { Sink, SinkOptions } from './pipeline/types.js'
import { parseSinkConfig, parseSinkUrl } from './sink-config.js'

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
  const config = typeof target === 'string' ? parseSinkUrl(definition, target) : parseSinkConfig(definition, target)
  return { name, definition: definition as DriverDefinition, config, options }
}
