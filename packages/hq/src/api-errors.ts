import { EdsError, type ErrorCode, maskText } from '@eds/core'

/** A request, as errors name it. */
export interface RequestName {
  readonly method: string
  /** Masked: see {@link maskTransferUrl}. */
  readonly url: string
}

/** An answer that is none to be content with. */
export interface Refusal {
  readonly status: number
  readonly requestId?: string
  /** What HQ said, already free of secrets that only the caller knows. */
  readonly message?: string
  readonly retryAfterMs?: number
}

const longestMessage = 300

/** HTTP status → typed error. Pure. */
export function refusalError(request: RequestName, refusal: Refusal): EdsError {
  const { status, retryAfterMs } = refusal
  const code = codeOf(status)
  return new EdsError(code, `${nameOf(request)} answered ${status}${reason(refusal)}${idOf(refusal.requestId)}`, {
    ...(code === 'throttled' && retryAfterMs !== undefined ? { retryAfterMs } : {}),
    ...(code === 'authentication' ? { fix: 'check the API key; if it was revoked, enroll this server again' } : {}),
  })
}

function codeOf(status: number): ErrorCode {
  if (status === 401 || status === 403) return 'authentication'
  if (status === 429) return 'throttled'
  if (status === 408 || status >= 500) return 'connection'
  return 'configuration'
}

/** An answer that is not what the protocol says. `problem` says what is wrong. */
export function nonsenseError(request: RequestName, problem: string, requestId?: string): EdsError {
  const message = `the answer to ${nameOf(request)} cannot be used: ${maskText(problem)}${idOf(requestId)}`
  return new EdsError('unknown', message, { fix: 'check that the address is that of HQ and not of a proxy or portal' })
}

/** The connection failed. `what` is the system's reason. */
export function networkError(request: RequestName, what: string): EdsError {
  return new EdsError('connection', `${nameOf(request)} failed: ${maskText(what)}`, {
    fix: 'check the address and the network',
  })
}

export function timeoutError(request: RequestName, timeoutMs: number): EdsError {
  return new EdsError('timeout', `${nameOf(request)} was not answered within ${timeoutMs} ms`)
}

/** A presigned URL without what makes it one; a URL of HQ with its enrollment code taken out. Pure. */
export function maskTransferUrl(url: string): string {
  if (!URL.canParse(url)) return '***'
  const { protocol, host, pathname, search } = new URL(url)
  const path = pathname.replace(/(\/eds\/internal\/enroll\/).+$/, '$1***')
  return `${protocol}//${host}${path}${search === '' ? '' : '?***'}`
}

function nameOf({ method, url }: RequestName): string {
  return `${method} ${url}`
}

function reason({ message }: Refusal): string {
  if (!message) return ''
  const text = maskText(message).replace(/\s+/g, ' ').trim()
  return `: ${text.length > longestMessage ? `${text.slice(0, longestMessage)}…` : text}`
}

function idOf(requestId: string | undefined): string {
  return requestId === undefined ? '' : ` (request id ${requestId})`
}
