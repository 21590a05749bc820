import type { z } from 'zod'

/** Marks a configuration field as secret: masked wherever the configuration is printed, a password field in forms. */
export function secret<T extends z.ZodType>(schema: T): T {
  return schema.meta({ secret: true })
}

export function isSecret(schema: z.ZodType): boolean {
  return schema.meta()?.secret === true
}
