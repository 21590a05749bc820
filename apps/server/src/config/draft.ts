import { type DriverDefinition, formatUrl, formFields, parseUrl } from '@eds/core'
import { referenceTo } from './environment-references.js'
import type { EdsConfig } from './schema.js'

export type DraftSource = NonNullable<EdsConfig['source']>
export type DraftSink = EdsConfig['sinks'][number]

/** A part of a configuration to be written, and the secrets that it refers to. */
export interface Draft<Part> {
  readonly part: Part
  /** Variable → value. */
  readonly secrets: Readonly<Record<string, string>>
}

/** `shop-db` and `password` → `SHOP_DB_PASSWORD`. */
export function variableName(...parts: readonly string[]): string {
  const name = parts
    .map((part) => part.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/[^A-Za-z0-9]+/g, '_'))
    .join('_')
    .toUpperCase()
  return /^\d/.test(name) ? `_${name}` : name
}

/** A URL with its password taken out. */
export function draftUrl(url: string, owner: string): Draft<string> {
  const parts = parseUrl(url)
  if (parts.password === undefined) return { part: url, secrets: {} }
  const variable = variableName(owner, 'password')
  const placeholder = 'EDS-PASSWORD-PLACEHOLDER'
  const written = formatUrl({ ...parts, password: placeholder })
  return { part: written.replace(placeholder, referenceTo(variable)), secrets: { [variable]: parts.password } }
}

/** A sink of the values that were entered into a driver's form: field name → text. Empty ones are left to the driver. */
export function draftSink(
  name: string,
  definition: DriverDefinition,
  values: Readonly<Record<string, string>>,
): Draft<DraftSink> {
  const secrets: Record<string, string> = {}
  const options = formFields(definition).flatMap(({ name: field, key, type, format }) => {
    const value = values[field] ?? ''
    if (value === '') return []
    if (format !== 'password')
      return [[key, type === 'number' ? Number(value) : type === 'boolean' ? value === 'true' : value]]
    const variable = variableName(name, key)
    secrets[variable] = value
    return [[key, referenceTo(variable)]]
  })
  return { part: { name, driver: definition.name, options: Object.fromEntries(options) }, secrets }
}
