import { EdsError, ExactNumber, type JsonObject, parseJson } from '@eds/core'
import { z } from 'zod'

/** What a caller of `POST /publish` wants to be sent. */
export interface PublishedMessage {
  /** The row. */
  readonly data: JsonObject
  readonly type: 'insert' | 'update' | 'delete'
  /** Whom it is for; `*` is everyone. */
  readonly userId: string
  readonly table: string
  /** Epoch milliseconds; absent: when it is published. */
  readonly timestamp?: number
  /** Absent: the configured default. */
  readonly source?: string
  /** Of the message's shape; absent: 1. */
  readonly version?: number
}

/** The body of a request, as far as it has been looked at: the token comes before everything else. */
export interface PublishBody {
  readonly securityToken: string
  /** @throws EdsError `configuration` that names what is wrong with the message. */
  message(): PublishedMessage
}

const filled = z.string('must be a text').min(1, 'must not be empty')

const messageSchema = z.object({
  data: z.custom<JsonObject>(isObject, 'must be an object'),
  type: z.enum(['insert', 'update', 'delete'], 'must be insert, update or delete'),
  userId: filled,
  table: filled,
  timestamp: z.number('must be a number').int('must be a whole number').optional(),
  source: filled.optional(),
  version: z.number('must be a number').optional(),
})

/**
 * Reads the JSON body of `POST /publish`. Numbers that a double cannot hold stay exact.
 *
 * @throws EdsError `configuration` when it is no JSON object.
 */
export function parsePublishBody(text: string): PublishBody {
  const body = parseObject(text)
  return {
    securityToken: typeof body.securityToken === 'string' ? body.securityToken : '',
    message: () => {
      const parsed = messageSchema.safeParse(body)
      if (!parsed.success) throw invalid(parsed.error.issues.map(describeIssue).join('; '))
      const { timestamp, source, version, ...required } = parsed.data
      return {
        ...required,
        ...(timestamp !== undefined && { timestamp }),
        ...(source !== undefined && { source }),
        ...(version !== undefined && { version }),
      }
    },
  }
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = parseJson(text)
  } catch {
    throw invalid('the body is not JSON')
  }
  if (!isObject(value)) throw invalid('the body is not a JSON object')
  return value as Readonly<Record<string, unknown>>
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber)
}

function describeIssue({ path, message }: { readonly path: readonly PropertyKey[]; readonly message: string }): string {
  return `${path.join('.')} ${message}`
}

function invalid(what: string): EdsError {
  return new EdsError('configuration', `invalid parameters: ${what}`)
}
