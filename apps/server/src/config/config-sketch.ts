import { z } from 'zod'

const text = z.string().optional().catch(undefined)
const texts = z.array(z.string()).optional().catch(undefined)
const rules = z
  .array(
    z
      .object({
        table: text,
        rename: text,
        columns: z
          .object({ rename: z.record(z.string(), z.string()).optional().catch(undefined), mask: texts, hash: texts })
          .optional()
          .catch(undefined),
      })
      .catch({}),
  )
  .optional()
  .catch(undefined)

/**
 * What can be read of a configuration that is not right, so that all that is wrong with it can be told at once. Takes any value; parts that
 * are not right are absent, and sinks and transforms keep their places.
 */
export const configSketch = z
  .object({
    sinks: z
      .array(
        z
          .object({
            name: text,
            url: text,
            driver: text,
            options: z.record(z.string(), z.unknown()).optional().catch(undefined),
            transforms: rules,
          })
          .catch({}),
      )
      .catch([]),
    transforms: rules,
    hashKey: z.unknown().optional(),
    drivers: texts,
  })
  .catch({ sinks: [] })

export type ConfigSketch = z.output<typeof configSketch>
export type SketchedRule = NonNullable<ConfigSketch['transforms']>[number]
