import type { z } from 'zod'
import { envelope } from './answers.js'
import { nonsenseError, type RequestName } from './api-errors.js'

/**
 * The data of an answer.
 *
 * @throws EdsError `unknown` when it is no JSON, no envelope, a failure, or holds something else than the schema wants
 */
export async function readData<T>(
  response: Response,
  schema: z.ZodType<T>,
  name: RequestName,
  requestId: string | undefined,
): Promise<T> {
  const text = await response.text()
  const parsed = envelope.safeParse(parse(text))
  if (!parsed.success) throw nonsenseError(name, 'it is not the JSON that HQ writes', requestId)
  const { success, message = 'without a reason', data } = parsed.data
  if (!success) throw nonsenseError(name, `HQ reports a failure: ${message}`, requestId)
  const result = schema.safeParse(data)
  if (result.success) return result.data
  const fields = [...new Set(result.error.issues.map(({ path }) => path.join('.') || 'data'))].join(', ')
  throw nonsenseError(name, `wrong or missing: ${fields}`, requestId)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
