import { EdsError, type ErrorCode, isEdsError } from '@eds/core'

type Rule = readonly [names: string, code: ErrorCode, fix?: string]

/** Names that S3 gives its errors: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList */
const rules: readonly Rule[] = [
  ['SlowDown ServiceUnavailable Throttling ThrottlingException TooManyRequests RequestLimitExceeded', 'throttled'],
  ['InvalidAccessKeyId SignatureDoesNotMatch', 'authentication', 'check access-key-id and secret-access-key'],
  [
    'ExpiredToken ExpiredTokenException TokenRefreshRequired InvalidToken',
    'authentication',
    'give a new session-token, or leave the keys out so that the AWS credential chain renews them',
  ],
  [
    'AccessDenied Forbidden AllAccessDisabled AccountProblem InvalidPayer NotSignedUp UnauthorizedAccess',
    'authentication',
    'allow s3:PutObject and s3:AbortMultipartUpload below the prefix; see the README',
  ],
  [
    'CredentialsProviderError',
    'authentication',
    'give access-key-id and secret-access-key, or set up AWS credentials for this machine',
  ],
  ['NoSuchBucket InvalidBucketName NotFound', 'configuration', 'create the bucket, or correct its name in the URL'],
  [
    'PermanentRedirect AuthorizationHeaderMalformed IllegalLocationConstraintException BucketRegionError',
    'configuration',
    'set region to that of the bucket',
  ],
  ['RequestTimeTooSkewed', 'configuration', 'set the clock of this machine'],
  [
    'KMS.DisabledException KMS.NotFoundException KMS.InvalidStateException KMS.KMSInvalidStateException',
    'configuration',
    'check kms-key-id',
  ],
  ['EntityTooLarge KeyTooLongError KeyTooLong InvalidObjectName XMinioInvalidObjectName', 'record'],
  ['RequestTimeout TimeoutError', 'timeout'],
  ['BadDigest InvalidDigest XAmzContentChecksumMismatch IncompleteBody NoSuchUpload InvalidPart', 'connection'],
  ['InternalError OperationAborted XMinioStorageFull InsufficientStorage QuotaExceeded AbortError', 'connection'],
  ['NotImplemented MethodNotAllowed', 'unsupported', 'try checksum=none; the server lacks something that is used'],
]

const byName = new Map(rules.flatMap(([names, code, fix]) => names.split(' ').map((name) => [name, { code, fix }])))

/** HTTP status → code, for answers without a name (a proxy's, or those to HEAD). */
const byStatus: Readonly<Record<number, ErrorCode>> = {
  401: 'authentication',
  403: 'authentication',
  404: 'configuration',
  408: 'timeout',
  413: 'record',
  429: 'throttled',
  500: 'connection',
  502: 'connection',
  503: 'throttled',
  504: 'timeout',
  507: 'connection',
}

/** Codes of Node.js's network, name resolution and TLS. */
const networkCodes = /^(?:ECONN|EPIPE|EHOST|ENET|EAI_|ENOTFOUND|EPROTO|ERR_SSL|ERR_STREAM|HPE_)/
const certificateCodes = /CERT|^UNABLE_TO_|SELF_SIGNED|^ERR_TLS_/

interface Facts {
  readonly name: string
  readonly code: string
  readonly status: number
  readonly retryAfterMs: number | undefined
}

/**
 * Whatever was thrown while doing `what` → the error of the contract. S3 repeats access keys in some of its messages: `redact` takes
 * them out.
 */
export function toS3Error(error: unknown, what: string, redact: (text: string) => string): EdsError {
  if (isEdsError(error)) return error
  const facts = factsOf(error)
  const { code, fix } = classify(facts)
  const message = error instanceof Error && error.message !== '' ? error.message : facts.name || 'no reason given'
  const place = facts.status > 0 ? ` (${facts.name}, HTTP ${facts.status})` : facts.code && ` (${facts.code})`
  const shown = redact(message)
  return new EdsError(code, `S3: ${what} failed: ${shown}${place}`, {
    ...(shown === message ? { cause: error } : {}),
    ...(fix === undefined ? {} : { fix }),
    ...(facts.retryAfterMs === undefined ? {} : { retryAfterMs: facts.retryAfterMs }),
  })
}

function classify({ name, code, status }: Facts): { code: ErrorCode; fix?: string | undefined } {
  if (certificateCodes.test(code)) return { code: 'configuration', fix: 'trust its authority with NODE_EXTRA_CA_CERTS' }
  const known = byName.get(name) ?? byName.get(code)
  if (known !== undefined) return known
  if (code === 'ETIMEDOUT') return { code: 'timeout' }
  if (networkCodes.test(code)) return { code: 'connection' }
  return { code: byStatus[status] ?? 'unknown' }
}

function factsOf(error: unknown): Facts {
  const { name, code, Code, $metadata, $response } = fieldsOf(error)
  const after = Number(fieldsOf(fieldsOf($response).headers)['retry-after'])
  return {
    name: text(name) === 'Error' || text(name) === 'S3ServiceException' ? text(Code) : text(name),
    code: text(code),
    status: Number(fieldsOf($metadata).httpStatusCode) || 0,
    retryAfterMs: after > 0 ? after * 1_000 : undefined,
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** Whether the server knows us but does not let us look into the bucket, which writing does not need. */
export function isDenied(error: unknown): boolean {
  return ['AccessDenied', 'Forbidden'].includes(factsOf(error).name)
}

/** What a caller gets whose signal aborted, or whose driver was closed meanwhile. */
export function abortedError(): EdsError {
  return new EdsError('connection', 'S3: the write was given up before it was finished')
}
