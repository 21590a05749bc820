import { EdsError, isEdsError, maskText } from '@eds/core'

const refusals: ReadonlySet<string> = new Set([
  'AUTHORIZATION_VIOLATION',
  'AUTHENTICATION_EXPIRED',
  'ACCOUNT_EXPIRED',
  'BAD_AUTHENTICATION',
  'BAD_CREDS',
  'PERMISSIONS_VIOLATION',
])

/** Whether this is the client's code for credentials that the server does not take. */
export function isRefusal(code: unknown): boolean {
  return typeof code === 'string' && refusals.has(code)
}

/** Any error of the NATS client → typed error. Pure. */
export function channelError(error: unknown, where: string): EdsError {
  if (isEdsError(error)) return error
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
  const message = maskText(error instanceof Error ? error.message : String(error))
  if (isRefusal(code)) {
    return new EdsError('authentication', `NATS at ${where} refused the session's credentials: ${message}`, {
      cause: error,
      fix: 'begin a new session; if it stays, check in HQ whether this server still exists',
    })
  }
  return new EdsError('connection', `the channel to HQ by NATS at ${where} failed: ${message}`, { cause: error })
}
