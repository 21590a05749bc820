import { createRedactor, EdsError, type ErrorCode, isEdsError } from '@eds/core'
import type { Answer } from './transport.js'

type Verdict = readonly [code: ErrorCode, fix?: string]

/** HTTP status → what it means for a batch (https://www.rfc-editor.org/rfc/rfc9110#name-status-codes). */
const statuses: Readonly<Record<number, Verdict>> = {
  400: ['record'],
  401: ['authentication', 'put the right token into the URL'],
  403: ['authentication', 'put the right token into the URL, or give it the right to write'],
  404: ['configuration', 'check the path in the URL'],
  405: ['configuration', 'check the path in the URL: what is there takes no POST'],
  408: ['timeout'],
  410: ['configuration', 'check the path in the URL'],
  413: ['record'],
  415: ['record'],
  422: ['record'],
  425: ['throttled'],
  429: ['throttled'],
}

/** What an answer means: `undefined` when the batch is stored. `secrets` never stand in the message. */
export function answerFault(answer: Answer, place: string, secrets: readonly string[] = []): EdsError | undefined {
  const { status, retryAfter, text } = answer
  if (status >= 200 && status < 300) return undefined
  const [code, fix] = statuses[status] ?? otherStatus(status)
  const said = createRedactor(secrets)(text).trim().slice(0, 200)
  const wait = code === 'throttled' ? retryAfterMs(retryAfter) : undefined
  return new EdsError(code, `${place} answered ${status}${said === '' ? '' : `: ${said}`}`, {
    ...(fix === undefined ? {} : { fix }),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  })
}

/** A receiver need not know HEAD. Then whether it takes events shows with the first POST. */
export function answersHead({ status }: Answer): boolean {
  return status !== 405 && status !== 501 && statuses[status]?.[0] !== 'record'
}

function otherStatus(status: number): Verdict {
  if (status >= 500) return ['connection']
  return status >= 300 && status < 400
    ? ['configuration', 'put the address that it points to into the URL']
    : ['unknown']
}

/** Seconds, as RFC 9110 has it besides a date. */
function retryAfterMs(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) * 1_000 : undefined
}

const certificate = /^(?:CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS_CERT|HOSTNAME_MISMATCH)/
const network = /^(?:ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|EAI_|ENOTFOUND|EPROTO|ERR_SSL|ERR_STREAM|HPE_|ABORT_ERR)/

/** Whatever was thrown on the way to the receiver → the error of the contract. */
export function toTransportError(error: unknown, place: string): EdsError {
  if (isEdsError(error)) return error
  const { code = '', cause } = error as { readonly code?: unknown; readonly cause?: { readonly name?: unknown } }
  const message = error instanceof Error ? error.message : String(error)
  if (cause?.name === 'TimeoutError') {
    return new EdsError('timeout', `${place} did not answer in time`, { cause: error, fix: 'raise timeoutMs' })
  }
  if (certificate.test(String(code))) {
    const fix = 'name the trusted certificate in NODE_EXTRA_CA_CERTS'
    return new EdsError('configuration', `${place}: ${message}`, { cause: error, fix })
  }
  return new EdsError(network.test(String(code)) ? 'connection' : 'unknown', `${place}: ${message}`, { cause: error })
}
