import { EdsError, type EdsErrorOptions, type ErrorCode, isEdsError } from '@eds/core'

type Verdict = readonly [code: ErrorCode, fix?: string]

const noAccess =
  'give the account the role roles/datastore.user in the project, or choose other credentials or another store'
const noCredentials =
  'run `gcloud auth application-default login`, set GOOGLE_APPLICATION_CREDENTIALS, or choose another store'
const noProject = 'name the project: PROJECT_ID'

/** gRPC status (https://grpc.io/docs/guides/status-codes/) → what it means for a store. */
const statuses: Readonly<Record<number, readonly [name: string, ...Verdict]>> = {
  1: ['CANCELLED', 'connection'],
  2: ['UNKNOWN', 'unknown'],
  3: ['INVALID_ARGUMENT', 'configuration', 'check project, database and the name of the collection'],
  4: ['DEADLINE_EXCEEDED', 'timeout'],
  5: [
    'NOT_FOUND',
    'configuration',
    'create the database: gcloud firestore databases create --location=<location>, or choose another store',
  ],
  6: ['ALREADY_EXISTS', 'connection'],
  7: ['PERMISSION_DENIED', 'authentication', noAccess],
  8: ['RESOURCE_EXHAUSTED', 'throttled', 'look at the quota of Firestore in the project'],
  9: ['FAILED_PRECONDITION', 'configuration', 'use a Firestore database in Native mode, or choose another store'],
  10: ['ABORTED', 'connection'],
  11: ['OUT_OF_RANGE', 'configuration'],
  12: ['UNIMPLEMENTED', 'unsupported'],
  13: ['INTERNAL', 'connection'],
  14: ['UNAVAILABLE', 'connection'],
  15: ['DATA_LOSS', 'connection'],
  16: ['UNAUTHENTICATED', 'authentication', 'use credentials that are valid for the project'],
}

/** Statuses of which Firestore says that nothing was written, because somebody else was quicker. */
const raceStatuses: ReadonlySet<number> = new Set([5, 6, 9, 10])

const networkText = /\b(?:ECONN[A-Z]+|EAI_AGAIN|ENOTFOUND|ETIMEDOUT|EPIPE|socket hang up)\b/
const metadataFailed = 'Getting metadata from plugin failed'

/** Whatever was thrown while talking to Firestore → the error of the contract. `where` names the store. */
export function firestoreFailure(error: unknown, where: string): EdsError {
  if (isEdsError(error)) return error
  const { code, details } = fieldsOf(error)
  const message = details || (error instanceof Error ? error.message : String(error))
  const [errorCode, fix] = classify(code, message)
  const name = code === undefined ? undefined : statuses[code]?.[0]
  const options: EdsErrorOptions = { cause: error, ...(fix === undefined ? {} : { fix }) }
  return new EdsError(errorCode, `${where}: ${message}${name === undefined ? '' : ` (${name})`}`, options)
}

/** A commit failed because the head is not the expected one, or another commit was under way; nothing of it was written. */
export function isLostRace(error: unknown): boolean {
  return raceStatuses.has(fieldsOf(error).code ?? -1)
}

/** A query needs a composite index that is not there or still being built. */
export function isMissingIndex(error: unknown): boolean {
  const { code, details = '' } = fieldsOf(error)
  return code === 9 && /index/i.test(details)
}

export function isAlreadyThere(error: unknown): boolean {
  return fieldsOf(error).code === 6
}

function classify(code: number | undefined, message: string): Verdict {
  if (message.includes('Could not load the default credentials')) return ['configuration', noCredentials]
  if (message.includes('Unable to detect a Project Id')) return ['configuration', noProject]
  if (code === undefined) return networkText.test(message) ? ['connection'] : ['unknown']
  if (message.includes(metadataFailed)) {
    return networkText.test(message) ? ['connection'] : ['authentication', noAccess]
  }
  const [, found = 'unknown', fix] = statuses[code] ?? []
  return fix === undefined ? [found] : [found, fix]
}

function fieldsOf(error: unknown): { readonly code?: number; readonly details?: string } {
  if (typeof error !== 'object' || error === null) return {}
  const { code, details } = error as Record<string, unknown>
  return {
    ...(typeof code === 'number' ? { code } : {}),
    ...(typeof details === 'string' ? { details } : {}),
  }
}
