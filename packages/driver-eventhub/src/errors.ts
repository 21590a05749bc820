import { EdsError, type ErrorCode, isEdsError, maskText } from '@eds/core'

type Rule = readonly [code: ErrorCode, fix?: string]

const signIn = 'check the key and its name, or give the identity the role "Azure Event Hubs Data Sender"'
const noHub = 'create the event hub, or correct EntityPath and the name of the namespace'
const network: Rule = ['connection']

/** Names that `@azure/core-amqp` gives to AMQP conditions (its `ConditionErrorNameMapper`), and those of `@azure/identity`. */
const rules: Readonly<Record<string, Rule>> = {
  ServerBusyError: ['throttled', 'give the namespace more throughput units; delivery goes on by itself'],
  QuotaExceededError: ['throttled', 'a quota of the namespace is used up: raise it or free some of it'],
  SenderBusyError: ['throttled', 'lower ParallelSends if this happens often'],
  InsufficientCreditError: ['throttled', 'lower ParallelSends if this happens often'],
  UnauthorizedError: ['authentication', signIn],
  PublisherRevokedError: ['authentication', signIn],
  CredentialUnavailableError: ['authentication', 'sign in to Azure on this machine, or put a key into the URL'],
  AggregateAuthenticationError: ['authentication', 'sign in to Azure on this machine, or put a key into the URL'],
  AuthenticationError: ['authentication', signIn],
  AuthenticationRequiredError: ['authentication', signIn],
  MessagingEntityNotFoundError: ['configuration', noHub],
  ServiceCommunicationError: ['configuration', noHub],
  ResourceDeletedError: ['configuration', noHub],
  MessagingEntityDisabledError: ['configuration', 'enable the event hub'],
  InvalidOperationError: ['configuration'],
  NotImplementedError: ['unsupported'],
  MessageTooLargeError: ['record', 'the event is larger than this tier of Event Hubs takes'],
  ArgumentError: ['record'],
  ArgumentOutOfRangeError: ['record'],
  DecodeError: ['record'],
  InvalidFieldError: ['record'],
  OperationTimeoutError: ['timeout'],
  ServiceUnavailableError: ['timeout'],
  MessageWaitTimeout: ['timeout'],
  DetachForcedError: network,
  ConnectionForcedError: network,
  ConnectionLostError: network,
  ConnectionRedirectError: network,
  LinkRedirectError: network,
  ReceiverDisconnectedError: network,
  InternalServerError: network,
  TransferLimitExceededError: network,
  SenderNotReadyError: network,
  SendOperationFailedError: network,
  OperationCancelledError: network,
  ResourceLockedError: network,
  IllegalStateError: network,
  ErrantLinkError: network,
  HandleInUseError: network,
  SessionWindowViolationError: network,
  FramingError: network,
  FrameSizeTooSmallError: network,
  UnattachedHandleError: network,
  SystemError: network,
  AbortError: network,
}

/** Codes of Node.js's network and name resolution. */
const networkCodes =
  /^(?:ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|EAI_|ENOTFOUND|EADDRNOTAVAIL|EBUSY|ENONET|EPROTO|ERR_SSL|ERR_STREAM)/
const certificateCodes = /CERT|^UNABLE_TO_|SELF_SIGNED|^ERR_TLS_/
/** The client library gives no code for these. */
const networkMessages =
  /connection (?:is|was|has been) clos|disconnected|connection error|socket|timed? ?out|aborted|cannot (?:create|attach)|closed/i

/** What the vendor's other clients wait when the service is busy and does not say for how long. */
const busyWaitMs = 4_000

/** Whatever was thrown while talking to Event Hubs → the error of the contract. Never holds a secret. */
export function toEventHubError(error: unknown): EdsError {
  if (isEdsError(error)) return error
  if (error instanceof AggregateError && !(error.name in rules) && error.errors.length > 0)
    return toEventHubError(error.errors.at(-1))
  const text = error instanceof Error ? error.message || nameOf(error) : String(error)
  const [code, fix] = classify(nameOf(error), text)
  return new EdsError(code, `Event Hubs: ${maskText(text)}`, {
    cause: error,
    ...(fix === undefined ? {} : { fix }),
    ...(code === 'throttled' ? { retryAfterMs: waitOf(text) } : {}),
  })
}

/** An event that no batch can hold. */
export function tooLargeError(bytes: number, limit: number): EdsError {
  const message = `Event Hubs: the event has ${bytes} bytes, but a message may have ${limit} with all that goes with it`
  return new EdsError('record', message, { fix: 'a higher tier takes larger messages' })
}

/** An event that may not go out because an earlier one of its row could not. */
export function behindFailedError(): EdsError {
  return new EdsError('record', 'Event Hubs: the event stands behind one of the same row that was refused')
}

/** What a caller gets whose signal aborted, or whose driver was closed meanwhile. */
export function abandonedError(): EdsError {
  return new EdsError('connection', 'Event Hubs: the write was given up before it was finished')
}

/** What a caller gets whose connection or link ended while it waited. */
export function lostError(detail: string): EdsError {
  return new EdsError('connection', `Event Hubs: ${detail}`)
}

function classify(name: string, message: string): Rule {
  const rule = Object.hasOwn(rules, name) ? rules[name] : undefined
  if (rule !== undefined) return rule
  if (certificateCodes.test(name)) return ['configuration', 'trust the authority with NODE_EXTRA_CA_CERTS']
  if (networkCodes.test(name) || networkMessages.test(message)) return network
  return ['unknown']
}

/** The most telling of code and name. */
function nameOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return ''
  const { code, name } = error as { readonly code?: unknown; readonly name?: unknown }
  if (typeof code === 'string' && code !== '') return code
  return typeof name === 'string' ? name : ''
}

function waitOf(message: string): number {
  const [, seconds] = /wait (\d{1,4}) seconds?/i.exec(message) ?? []
  return seconds === undefined ? busyWaitMs : Number(seconds) * 1000
}
