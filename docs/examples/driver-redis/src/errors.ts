import { EdsError, type EdsErrorOptions, type ErrorCode, isEdsError } from '@eds/core'

type Verdict = readonly [code: ErrorCode, fix?: string]

const login: Verdict = ['authentication', 'put the right user and password into the URL']

/** The word that an error reply begins with (https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors). */
const replies: Readonly<Record<string, Verdict>> = {
  WRONGPASS: login,
  NOAUTH: login,
  NOPERM: ['authentication', 'give the user the right to XADD, MULTI and EXEC on the streams'],
  WRONGTYPE: ['configuration', 'remove the key that has the name of a stream, or choose another prefix'],
  LOADING: ['connection'],
  BUSY: ['connection'],
  TRYAGAIN: ['connection'],
  READONLY: ['connection', 'name the primary in the URL: this server is a replica'],
  MASTERDOWN: ['connection'],
  CLUSTERDOWN: ['connection'],
  NOREPLICAS: ['connection'],
  OOM: ['connection', 'give the server more memory, or set maxLength'],
  MISCONF: ['connection', 'look at the log of the server: it cannot save its data'],
  MOVED: ['unsupported', 'name a server that is not part of a cluster'],
  CROSSSLOT: ['unsupported', 'name a server that is not part of a cluster'],
  NOPROTO: ['unsupported', 'use Redis 6 or newer'],
}

/** Names of the client library's errors. */
const names: Readonly<Record<string, Verdict>> = {
  ClientClosedError: ['connection'],
  ClientOfflineError: ['connection'],
  ConnectionTimeoutError: ['connection'],
  DisconnectsClientError: ['connection'],
  SocketClosedUnexpectedlyError: ['connection'],
  WatchError: ['connection'],
}

const network = /^(?:ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|EAI_|ENOTFOUND|EPROTO|ERR_SSL|ERR_STREAM)/
const certificate = /^(?:CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS_CERT|HOSTNAME_MISMATCH)/

/** Whatever a call of the client library threw → the error of the contract. `place` names the server, without secrets. */
export function toRedisError(thrown: unknown, place: string): EdsError {
  if (isEdsError(thrown)) return thrown
  const error = firstReply(thrown)
  const [code, fix] = verdictOn(error)
  const message = error instanceof Error ? error.message : String(error)
  const options: EdsErrorOptions = { cause: thrown, ...(fix === undefined ? {} : { fix }) }
  return new EdsError(code, `${place}: ${message}`, options)
}

/** A transaction of which commands failed lists the replies to all. */
function firstReply(error: unknown): unknown {
  const { replies } = fieldsOf(error)
  const failed = Array.isArray(replies) ? replies.find((reply: unknown) => reply instanceof Error) : undefined
  return failed ?? error
}

function verdictOn(error: unknown): Verdict {
  if (!(error instanceof Error)) return ['unknown']
  const code = String(fieldsOf(error).code ?? '')
  if (network.test(code)) return ['connection']
  if (certificate.test(code)) return ['configuration', 'name the trusted certificate in NODE_EXTRA_CA_CERTS']
  const [word = ''] = error.message.split(' ')
  const known = names[error.name] ?? names[error.constructor.name]
  return replies[word] ?? known ?? ['unknown']
}

function fieldsOf(error: unknown): { readonly code?: unknown; readonly replies?: unknown } {
  return typeof error === 'object' && error !== null ? error : {}
}
