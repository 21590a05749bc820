import { type DriverDefinition, EdsError, formatUrl, parseSinkConfig, parseSinkUrl, parseUrl } from '@eds/core'
import { errorLine } from '../failure.js'
import type { SinkConfig } from './schema.js'

/**
 * The driver's configuration of a sink: of its URL, its options, or both.
 *
 * @throws EdsError `configuration` that lists what is wrong; of a URL, every parameter that is
 */
export function sinkTarget(
  { url, options }: Pick<SinkConfig, 'url' | 'options'>,
  definition: DriverDefinition,
): unknown {
  if (url === undefined) return parseSinkConfig(definition, options ?? {})
  const read = (text: string): unknown => {
    if (options === undefined) return parseSinkUrl(definition, text)
    const parsed = definition.parse(text)
    return parseSinkConfig(definition, { ...(typeof parsed === 'object' && parsed), ...options })
  }
  try {
    return read(url)
  } catch (error) {
    const faults = parameterFaults(url, definition, read)
    throw faults.length < 2 ? error : new EdsError('configuration', faults.join('; '), { cause: error })
  }
}

/** Drivers refuse the first parameter that they do not know, before they look at the others: so each is tried alone, then all that are known. */
function parameterFaults(url: string, definition: DriverDefinition, read: (url: string) => unknown): string[] {
  try {
    const parts = parseUrl(url)
    const withQuery = (query: Readonly<Record<string, string>>) => formatUrl({ ...parts, query })
    definition.parse(withQuery({}))
    const known: Record<string, string> = {}
    const faults = Object.entries(parts.query).flatMap(([name, value]) => {
      const fault = faultOf(() => definition.parse(withQuery({ [name]: value })))
      if (fault === undefined) known[name] = value
      return fault ?? []
    })
    return [...faults, faultOf(() => read(withQuery(known))) ?? []].flat()
  } catch {
    // Not the parameters are to blame.
    return []
  }
}

function faultOf(action: () => unknown): string | undefined {
  try {
    action()
    return undefined
  } catch (error) {
    return errorLine(error)
  }
}
