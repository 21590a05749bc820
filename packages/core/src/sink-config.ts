import type { DriverDefinition } from './driver.js'
import { EdsError, isEdsError } from './errors.js'
import { createRedactor, maskText } from './mask.js'
import { secretsOf } from './mask-config.js'

/**
 * Reads the configuration of a destination from its URL.
 *
 * @throws EdsError `configuration` that lists every setting at fault, without secrets.
 */
export function parseSinkUrl<Config>(definition: DriverDefinition<Config>, url: string): Config {
  return parseSinkConfig(definition, readUrl(definition, url))
}

/** Validates and completes the configuration of a destination. Throws as {@link parseSinkUrl} does. */
export function parseSinkConfig<Config>(definition: DriverDefinition<Config>, input: unknown): Config {
  const parsed = definition.config.safeParse(input)
  if (parsed.success) return parsed.data
  const redact = createRedactor(secretsOf(definition.config, input))
  const problems = parsed.error.issues.map(({ path, message }) =>
    redact(`${path.join('.') || 'as a whole'}: ${message}`),
  )
  throw unusable(definition, `${definition.title} is not configured right: ${problems.join('; ')}`)
}

function readUrl(definition: DriverDefinition, url: string): unknown {
  const scheme = /^[^:/?#@]*(?=:)/.exec(url)?.[0].toLowerCase() ?? ''
  if (!definition.schemes.includes(scheme)) {
    const takes = definition.schemes.map((name) => `${name}://`).join(' or ')
    throw unusable(definition, `${definition.title} takes URLs that begin with ${takes}`)
  }
  try {
    return definition.parse(url)
  } catch (error) {
    if (isEdsError(error)) throw error
    const message = createRedactor([url])(maskText(error instanceof Error ? error.message : String(error)))
    throw unusable(definition, `${definition.title} cannot read this URL: ${message}`)
  }
}

function unusable({ exampleUrl }: DriverDefinition, message: string): EdsError {
  return new EdsError('configuration', message, { fix: `a working URL looks like ${exampleUrl}` })
}
