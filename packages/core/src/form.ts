import type { z } from 'zod'
import { type ConfigProperty, configProperties } from './config-schema.js'
import type { DriverDefinition, FormField } from './driver.js'
import { createRedactor } from './mask.js'
import { secretsOf } from './mask-config.js'

export interface FieldError {
  /** The form field's name; the configuration key when no field fills it; empty when the form as a whole is wrong. */
  readonly field: string
  readonly error: string
}

export type FormResult<Config> = { readonly config: Config } | { readonly fieldErrors: readonly FieldError[] }

/** A row of a help text or option table. */
export interface OptionDescription {
  readonly name: string
  readonly type: string
  /** As text; absent when there is none, and for secrets. */
  readonly default?: string
  readonly description: string
  readonly secret: boolean
  readonly required: boolean
}

/** The fields of the form for a destination: those that the driver lists, or else one for each property of its configuration. */
export function formFields(definition: DriverDefinition): readonly FormField[] {
  const properties = configProperties(definition.config)
  if (definition.form === undefined) return properties.map(toField)
  const secrets = new Set(properties.filter(({ secret }) => secret).map(({ key }) => key))
  return definition.form.map((field) => (secrets.has(field.key) ? { ...field, format: 'password' } : field))
}

function toField(property: ConfigProperty): FormField {
  const { key, kind, description, required } = property
  const known = ['string', 'number', 'boolean'].includes(typeof property.default) && !property.secret
  return {
    name: property.title ?? labelOf(key),
    key,
    type: kind,
    ...(property.secret ? { format: 'password' as const } : {}),
    ...(known ? { default: property.default as string | number | boolean } : {}),
    description,
    required,
  }
}

/** `accessKeyId` → `Access Key Id`. */
function labelOf(key: string): string {
  const words = key.replace(/([a-z0-9])([A-Z])/g, '$1 $2').split(/[\s_-]+/)
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(' ')
}

/**
 * Turns what a user entered into a configuration, or tells which fields are wrong. `values` goes by field name; texts stand for
 * numbers (`"5432"`) and truth values (`"true"`); empty and missing values are left to the defaults; unknown names are ignored.
 */
export function configFromForm<Config>(
  definition: DriverDefinition<Config>,
  values: Readonly<Record<string, unknown>>,
): FormResult<Config> {
  const fields = formFields(definition)
  const fromText = new Set(configProperties(definition.config).flatMap(({ key, fromText }) => (fromText ? [key] : [])))
  const input: [key: string, value: unknown][] = []
  const fieldErrors: FieldError[] = []
  for (const field of fields) {
    const value = (Object.hasOwn(values, field.name) ? values[field.name] : undefined) ?? ''
    const wrong =
      value === ''
        ? field.required && field.default === undefined && 'is required'
        : !fits(value, field.type) && `must be a ${field.type}`
    if (wrong) fieldErrors.push({ field: field.name, error: wrong })
    else if (value !== '') input.push([field.key, fromText.has(field.key) ? String(value) : convert(value, field.type)])
    else if (definition.form && field.default !== undefined) input.push([field.key, field.default])
  }
  if (fieldErrors.length > 0) return { fieldErrors }
  const parsed = definition.config.safeParse(Object.fromEntries(input))
  if (parsed.success) return { config: parsed.data }
  const redact = createRedactor(secretsOf(definition.config, Object.fromEntries(input)))
  return { fieldErrors: parsed.error.issues.map((issue) => toFieldError(issue, fields, redact)) }
}

function fits(value: unknown, type: FormField['type']): boolean {
  if (type === 'string') return typeof value === 'string'
  if (type === 'boolean') return typeof value === 'boolean' || value === 'true' || value === 'false'
  return Number.isFinite(typeof value === 'string' && value.trim() !== '' ? Number(value) : value)
}

function convert(value: unknown, type: FormField['type']): unknown {
  if (type === 'number') return Number(value)
  return type === 'boolean' ? value === true || value === 'true' : value
}

function toFieldError(
  issue: z.core.$ZodIssue,
  fields: readonly FormField[],
  redact: (text: string) => string,
): FieldError {
  const key = String(issue.path[0] ?? '')
  return { field: fields.find((field) => field.key === key)?.name ?? key, error: redact(issue.message) }
}

/** The settings of a driver, in the order in which it declares them. */
export function describeOptions(definition: DriverDefinition): OptionDescription[] {
  return configProperties(definition.config).map(({ key, type, description, secret, required, ...property }) => ({
    name: key,
    type,
    ...(secret || property.default === undefined ? {} : { default: defaultText(property.default) }),
    description,
    secret,
    required,
  }))
}

function defaultText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
