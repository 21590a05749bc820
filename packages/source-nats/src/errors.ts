import { EdsError, type ErrorCode, isEdsError } from '@eds/core'

/** What JetStream's API answered instead of a result. `errorCode` is exact, `code` is HTTP-like. */
export interface ApiFailure {
  readonly code: number
  readonly errorCode: number
  readonly description: string
}

/** Codes of https://github.com/nats-io/nats-server/blob/main/server/errors.json that EDS tells apart. */
export const apiErrorCode = {
  consumerNotMade: 10012,
  consumerNameInUse: 10013,
  consumerNotFound: 10014,
  maximumConsumersReached: 10026,
  notEnabledForAccount: 10039,
  streamNameInUse: 10058,
  streamNotFound: 10059,
  notEnabled: 10076,
  filterNotSubset: 10093,
  workQueueNeedsDeliverAll: 10101,
  consumerExists: 10148,
} as const

/** Names that help whoever reads the error. */
export interface ApiSubject {
  readonly stream: string
  readonly consumer?: string
  /** Streams or consumers that do exist, when that is what matters. */
  readonly existing?: readonly string[]
}

/** JetStream API error → typed error. Pure. */
export function apiError(failure: ApiFailure, { stream, consumer, existing = [] }: ApiSubject): EdsError {
  const target = consumer === undefined ? `stream "${stream}"` : `consumer "${consumer}" of stream "${stream}"`
  const make = (code: ErrorCode, message: string, fix?: string) =>
    new EdsError(code, message, fix === undefined ? {} : { fix })
  switch (failure.errorCode) {
    case apiErrorCode.streamNotFound: {
      const others = existing.length === 0 ? 'there is none at all' : `there is ${existing.join(', ')}`
      return make(
        'configuration',
        `NATS has no stream "${stream}": ${others}`,
        'name a stream that exists, or create it',
      )
    }
    case apiErrorCode.maximumConsumersReached:
      return make(
        'configuration',
        `stream "${stream}" allows no further consumer, so "${consumer}" cannot be created; it has ${existing.join(', ') || 'others'}`,
        'forget a consumer that is no longer used, or raise max_consumers of the stream',
      )
    case apiErrorCode.consumerExists:
    case apiErrorCode.consumerNameInUse:
      return make('connection', `another program made consumer "${consumer}" of stream "${stream}" at the same moment`)
    case apiErrorCode.notEnabled:
    case apiErrorCode.notEnabledForAccount:
      return make(
        'configuration',
        `NATS: ${failure.description}`,
        'enable JetStream on the server (-js) and for this account',
      )
    case apiErrorCode.filterNotSubset:
      return make(
        'configuration',
        `stream "${stream}" takes none of the subjects that this sink filters by`,
        'set filterSubjects or companyIds so that they lie within the subjects of the stream',
      )
    case apiErrorCode.workQueueNeedsDeliverAll:
      return make(
        'unsupported',
        `stream "${stream}" is a work queue, which cannot be read again from a position`,
        'use a stream with limits retention',
      )
    default:
      return make(
        codeOf(failure),
        `NATS refused a request for ${target}: ${failure.description} (${failure.errorCode})`,
      )
  }
}

/** What a stream answered instead of storing a message → typed error. */
export function publishError(failure: ApiFailure, stream: string, subject: string): EdsError {
  const { description, errorCode } = failure
  return new EdsError(
    codeOf(failure),
    `stream "${stream}" did not take a message for "${subject}": ${description} (${errorCode})`,
  )
}

/** True when the consumer, or the whole stream, is not there. */
export function isMissing({ errorCode }: ApiFailure): boolean {
  return errorCode === apiErrorCode.consumerNotFound || errorCode === apiErrorCode.streamNotFound
}

function codeOf({ code }: ApiFailure): ErrorCode {
  if (code === 401 || code === 403) return 'authentication'
  if (code === 408 || code === 429 || code >= 500) return 'connection'
  return code >= 400 ? 'configuration' : 'unknown'
}

const byNatsCode: ReadonlyMap<string, ErrorCode> = new Map<string, ErrorCode>([
  ['AUTHORIZATION_VIOLATION', 'authentication'],
  ['AUTHENTICATION_EXPIRED', 'authentication'],
  ['ACCOUNT_EXPIRED', 'authentication'],
  ['BAD_AUTHENTICATION', 'authentication'],
  ['BAD_CREDS', 'authentication'],
  ['PERMISSIONS_VIOLATION', 'authentication'],
  ['INVALID_OPTION', 'configuration'],
  ['BAD_SUBJECT', 'configuration'],
  ['SERVER_OPT_NA', 'configuration'],
  ['WSS_REQUIRED', 'configuration'],
  ['MAX_PAYLOAD_EXCEEDED', 'record'],
])

/** The client's own messages for these are codes. */
const phrases: ReadonlyMap<string, string> = new Map([
  ['TIMEOUT', 'did not answer in time'],
  ['CONNECTION_REFUSED', 'refused the connection'],
  ['CONNECTION_CLOSED', 'closed the connection'],
  ['DISCONNECT', 'broke the connection'],
])

const certificateCode = /^(?:CERT_|DEPTH_|UNABLE_TO_|SELF_SIGNED|ERR_TLS|ERR_SSL|HOSTNAME_MISMATCH)/

/**
 * Any error of the client library or of a socket → typed error. What is none of the known ones is `connection`: the pipeline tries
 * again, and a NATS connection that fails in a new way is still just that.
 */
export function natsError(error: unknown, servers: string): EdsError {
  if (isEdsError(error)) return error
  const { code = '', message = String(error), permissionContext } = facts(error)
  if (permissionContext) return permissionError(permissionContext, error)
  if (code === '503') {
    return new EdsError('connection', `nothing answers JetStream requests at ${servers}`, {
      cause: error,
      fix: 'enable JetStream (nats-server -js); in a cluster, wait for its leader',
    })
  }
  if (code === 'TLS' || certificateCode.test(code)) {
    return new EdsError('configuration', `no TLS with NATS at ${servers}: ${message}`, {
      cause: error,
      fix: 'set tls to the certificate authority that the server uses',
    })
  }
  const known = byNatsCode.get(code)
  if (known === 'authentication') {
    return new EdsError(known, `NATS at ${servers} refused the login: ${message}`, {
      cause: error,
      fix: 'check the credentials and whether they have expired',
    })
  }
  return new EdsError(known ?? 'connection', `NATS at ${servers} ${phrases.get(code) ?? `failed: ${message}`}`, {
    cause: error,
  })
}

interface NatsFacts {
  readonly code?: string
  readonly message?: string
  readonly permissionContext?: { readonly operation: string; readonly subject: string }
}

function facts(error: unknown): NatsFacts {
  return typeof error === 'object' && error !== null ? error : {}
}

/** `operation` is `publish` or `subscription`, as the server calls it. */
export function permissionError(
  { operation, subject }: { readonly operation: string; readonly subject: string },
  cause?: unknown,
): EdsError {
  const verb = operation === 'publish' ? 'publish to' : 'subscribe to'
  return new EdsError('authentication', `NATS does not allow this account to ${verb} "${subject}"`, {
    cause,
    fix: 'grant that subject, or use other credentials',
  })
}
