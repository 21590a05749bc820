import type { z } from 'zod'
import { mapConfig } from './config-schema.js'
import { isSecretName, maskText } from './mask.js'

/**
 * A copy of a configuration that can be shown: fields marked with `secret()` and texts under secret names become `***`, URLs and
 * tokens within other texts are masked too. Takes what the schema gives as well as what it is given.
 */
export function maskConfig(schema: z.ZodType, value: unknown): unknown {
  return mapConfig(schema, value, {
    secret: () => '***',
    text: (text, key) => (isSecretName(key) ? '***' : maskText(text)),
  })
}

/** All texts of a configuration that are secret, for `createRedactor`. */
export function secretsOf(schema: z.ZodType, value: unknown): string[] {
  const found: string[] = []
  const collect = (item: unknown): void => {
    if (typeof item === 'string') found.push(item)
    else if (typeof item === 'object' && item !== null) Object.values(item).forEach(collect)
  }
  mapConfig(schema, value, { secret: collect, text: (text, key) => (isSecretName(key) ? collect(text) : undefined) })
  return found
}
