import type { DriverDefinition } from './driver.js'
import { EdsError } from './errors.js'

const texts = ['name', 'title', 'description', 'exampleUrl'] as const
const functions = ['parse', 'format', 'traits', 'create'] as const

/**
 * Checks that a value from another package is a driver definition that this version understands.
 *
 * @param origin - where it comes from, for the message: `driver package "x" 1.2.3`
 * @throws EdsError `configuration` that names what is missing.
 */
export function checkDriver(value: unknown, origin: string): DriverDefinition {
  const candidate = (typeof value === 'object' && value !== null ? value : {}) as Partial<Record<string, unknown>>
  if (typeof candidate.apiVersion !== 'number') {
    throw new EdsError('configuration', `${origin} does not export a driver as its default`, {
      fix: 'its entry must say: export default defineDriver({…})',
    })
  }
  if (candidate.apiVersion !== 1) {
    const fix = 'install a version of the driver that fits, or a newer @eds/core'
    throw new EdsError(
      'configuration',
      `${origin} is made for version ${candidate.apiVersion} of the driver contract, this program knows version 1`,
      { fix },
    )
  }
  const wrong = [
    ...texts.filter((key) => typeof candidate[key] !== 'string' || candidate[key] === ''),
    ...functions.filter((key) => typeof candidate[key] !== 'function'),
    ...(isSchemeList(candidate.schemes) ? [] : ['schemes']),
    ...(hasSafeParse(candidate.config) ? [] : ['config']),
  ]
  if (wrong.length > 0) {
    throw new EdsError('configuration', `${origin} exports a driver with missing or wrong parts: ${wrong.join(', ')}`, {
      fix: 'update the driver package, or tell its author',
    })
  }
  return value as DriverDefinition
}

/** Whether a value is a non-empty list of URL schemes, in lower case and without colons. */
export function isSchemeList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => /^[a-z][a-z0-9+.-]*$/.test(String(item)))
}

function hasSafeParse(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'safeParse' in value && typeof value.safeParse === 'function'
}
