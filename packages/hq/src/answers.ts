import { z } from 'zod'

/** Absent, null and empty mean the same to HQ. */
const optionalText = z
  .string()
  .nullish()
  .transform((text) => text || undefined)
const optionalList = z
  .array(z.string())
  .nullish()
  .transform((list) => list ?? [])

export const envelope = z.object({
  success: z.boolean(),
  message: optionalText,
  data: z.unknown().optional(),
})

export const enrollment = z.object({ token: z.string().min(1), serverId: z.string().min(1) })

export const sessionStart = z.object({ sessionId: z.string().min(1), credential: optionalText })

export const sessionEnd = z
  .object({ url: optionalText, errorUrl: optionalText })
  .nullish()
  .transform((urls) => ({ ...(urls?.url && { url: urls.url }), ...(urls?.errorUrl && { errorUrl: urls.errorUrl }) }))

export const withUrl = z.object({ url: z.string().min(1) })

export const withJobId = z.object({ jobId: z.string().min(1) })

export const withFileName = z.object({ fileName: z.string().min(1) })

const tableExport = z
  .object({
    status: z.enum(['Pending', 'Completed', 'Failed']),
    error: optionalText,
    urls: optionalList,
    cursor: optionalText,
  })
  .transform(({ status, error, urls, cursor = '' }) => ({ status, ...(error && { error }), urls, cursor }))

export const exportStatus = z.object({
  completed: z.boolean(),
  tables: z
    .record(z.string(), tableExport)
    .nullish()
    .transform((tables) => tables ?? {}),
})
