import { EdsError, type EdsErrorOptions, type ErrorCode, isEdsError } from '@eds/core'

type Verdict = readonly [code: ErrorCode, fix?: string]

const noAccess = 'give the account the role roles/pubsub.publisher on the topic, or use other credentials'
const noCredentials =
  'run `gcloud auth application-default login`, set GOOGLE_APPLICATION_CREDENTIALS, or give a pubsub:// URL ?credentials=<key file>'
const noTopic =
  'create the topic (`gcloud pubsub topics create`) or correct its name; a pubsub:// URL with ?create=true makes it'

/** gRPC status (https://grpc.io/docs/guides/status-codes/) → what it means for a batch. */
const statuses: Readonly<Record<number, readonly [name: string, ...Verdict]>> = {
  1: ['CANCELLED', 'connection'],
  2: ['UNKNOWN', 'unknown'],
  3: ['INVALID_ARGUMENT', 'record'],
  4: ['DEADLINE_EXCEEDED', 'timeout'],
  5: ['NOT_FOUND', 'configuration', noTopic],
  6: ['ALREADY_EXISTS', 'connection'],
  7: ['PERMISSION_DENIED', 'authentication', noAccess],
  8: ['RESOURCE_EXHAUSTED', 'throttled', 'look at the publish quota of the project; delivery goes on by itself'],
  9: ['FAILED_PRECONDITION', 'configuration', 'look at the settings of the topic (encryption key, schema, policy)'],
  10: ['ABORTED', 'connection'],
  11: ['OUT_OF_RANGE', 'record'],
  12: ['UNIMPLEMENTED', 'unsupported', 'check that the endpoint is one of Pub/Sub'],
  13: ['INTERNAL', 'connection'],
  14: ['UNAVAILABLE', 'connection'],
  15: ['DATA_LOSS', 'connection'],
  16: ['UNAUTHENTICATED', 'authentication', 'use credentials that are valid for the project'],
}

/** Codes of Node.js's network and name resolution, which authentication lets through. */
const networkCode = /^(?:ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|EAI_|ENOTFOUND|EPROTO|ERR_SSL|ERR_STREAM)/
/** Authentication that could not reach its server is no refusal. */
const networkText = /\b(?:ECONN[A-Z]+|EAI_AGAIN|ENOTFOUND|ETIMEDOUT|EPIPE|socket hang up|network)\b/
const missingCredentials = /Could not load the default credentials|Unable to detect a Project Id/
const unreadableCredentials =
  /ENOENT|EISDIR|EACCES|not a file|does not exist|JSON|key file|private_key|client_email|PEM/i

/** Whatever was thrown while talking to Pub/Sub → the error of the contract. `topic` names the place. */
export function toPubsubError(error: unknown, topic: string): EdsError {
  if (isEdsError(error)) return error
  const { code, details } = fieldsOf(error)
  const message = details || (error instanceof Error ? error.message : String(error))
  const name = typeof code === 'number' ? statuses[code]?.[0] : code
  const [errorCode, fix] = classify(code, message)
  const options: EdsErrorOptions = { cause: error, ...(fix === undefined ? {} : { fix }) }
  return new EdsError(errorCode, `Pub/Sub: ${message} (${name === undefined ? '' : `${name}, `}${topic})`, options)
}

/** The same outside of writing, where nothing is the fault of an event. */
export function toSetupError(error: unknown, topic: string): EdsError {
  const known = toPubsubError(error, topic)
  if (known.code === 'unknown' && !isEdsError(error) && unreadableCredentials.test(known.message)) {
    const fix = 'name a readable key file in JSON format'
    return new EdsError('configuration', `Pub/Sub: the credentials cannot be used: ${known.message}`, {
      cause: error,
      fix,
    })
  }
  if (known.code !== 'record') return known
  return new EdsError('configuration', known.message, { cause: error, fix: 'check the names of project and topic' })
}

/** Whether an error is this gRPC status. */
export function hasStatus(error: unknown, status: number): boolean {
  return fieldsOf(error).code === status
}

function classify(code: number | string | undefined, message: string): Verdict {
  if (missingCredentials.test(message)) return ['configuration', noCredentials]
  if (typeof code === 'string') return networkCode.test(code) ? ['connection'] : ['unknown']
  if (code === undefined) return networkText.test(message) ? ['connection'] : ['unknown']
  if (message.includes('Getting metadata from plugin failed')) {
    return networkText.test(message) ? ['connection'] : ['authentication', noAccess]
  }
  const [, found = 'unknown', fix] = statuses[code] ?? []
  return fix === undefined ? [found] : [found, fix]
}

function fieldsOf(error: unknown): { readonly code?: number | string; readonly details?: string } {
  if (typeof error !== 'object' || error === null) return {}
  const { code, details } = error as Record<string, unknown>
  return {
    ...(typeof code === 'number' || typeof code === 'string' ? { code } : {}),
    ...(typeof details === 'string' ? { details } : {}),
  }
}
