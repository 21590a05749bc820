import { EdsError, type ErrorCode, isEdsError } from '@eds/core'

type Rule = readonly [pattern: RegExp, code: ErrorCode, fix?: string]

/** Names of the protocol's errors (https://kafka.apache.org/protocol#protocol_error_codes) → what they mean. The first that matches counts. */
const protocolErrors: readonly Rule[] = [
  [
    /^(?:MESSAGE_TOO_LARGE|RECORD_LIST_TOO_LARGE)$/,
    'record',
    'raise max.message.bytes of the topic, or set maxMessageBytes to what it is, so that requests are made to fit',
  ],
  [/^(?:INVALID_RECORD|INVALID_TIMESTAMP|INVALID_TOPIC_EXCEPTION|CORRUPT_MESSAGE)$/, 'record'],
  [/AUTHENTICATION_FAILED$/, 'authentication', 'check user name and password'],
  [/AUTHORIZATION_FAILED$/, 'authentication', 'allow the user Describe and Write on the topic; see the README'],
  [/^UNSUPPORTED_SASL_MECHANISM$/, 'configuration', 'choose another ?sasl=, or switch it on at the broker'],
  [/^UNSUPPORTED_COMPRESSION_TYPE$/, 'configuration', 'choose another ?compression='],
  [/^(?:UNSUPPORTED_VERSION|UNSUPPORTED_FOR_MESSAGE_FORMAT|SECURITY_DISABLED)$/, 'unsupported'],
  [/^(?:POLICY_VIOLATION|INVALID_CONFIG|INVALID_REPLICATION_FACTOR|INVALID_PARTITIONS)$/, 'configuration'],
  [/^REQUEST_TIMED_OUT$/, 'timeout'],
  [/^THROTTLING_QUOTA_EXCEEDED$/, 'throttled'],
  [
    /^UNKNOWN_TOPIC_OR_PARTITION$/,
    'connection',
    'create the topic, or let the broker do so (auto.create.topics.enable, and not ?create=false); delivery goes on by itself',
  ],
  [/^NOT_ENOUGH_REPLICAS/, 'connection', 'bring the brokers back that hold replicas; delivery goes on by itself'],
  [/LEADER|REPLICA|BROKER|COORDINATOR|CONTROLLER|LOAD_IN_PROGRESS|NETWORK|STORAGE|LOG_DIR/, 'connection'],
  // A producer that the broker has forgotten: the next one begins anew.
  [/SEQUENCE|PRODUCER|CONCURRENT_TRANSACTIONS|REASSIGNMENT/, 'connection'],
]

const clientErrors: readonly Rule[] = [
  [/^KafkaJSSASLAuthenticationError$/, 'authentication', 'check user name, password and ?sasl='],
  [/^KafkaJSRequestTimeoutError$|^KafkaJSLockTimeout$|^KafkaJSTimeout$/, 'timeout'],
  [/^KafkaJSServerDoesNotSupportApiKey$|^KafkaJSNotImplemented$/, 'unsupported'],
  [/Connection|Broker|Metadata|Closed/, 'connection'],
]

/** Codes of Node.js's network and name resolution. */
const networkCodes = /^(?:ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|EAI_|ENOTFOUND|EPROTO|ERR_SSL|ERR_STREAM)/
const certificateCodes = /CERT|^UNABLE_TO_|SELF_SIGNED|^ERR_TLS_|^ERR_OSSL|^ERR_SSL_WRONG_VERSION/
const certificateFix = 'set ?tlsCa= to the authority’s PEM file, and the broker’s name as its certificate has it'

interface Facts {
  readonly name: string
  readonly message: string
  readonly type: string
  readonly code: string
}

/** Whatever was thrown while talking to Kafka → the error of the contract. Never holds a secret. */
export function toKafkaError(error: unknown): EdsError {
  const chain = [...causesOf(error)]
  const known = chain.find(isEdsError)
  if (known !== undefined) return known
  const facts = chain.map(factsOf)
  const [code, fix] = classify(facts)
  const telling = facts.find(({ type }) => type !== '') ?? facts.at(-1)
  const name = telling?.type || telling?.code
  return new EdsError(code, `Kafka: ${telling?.message ?? 'failed'}${name ? ` (${name})` : ''}`, {
    cause: error,
    ...(fix === undefined ? {} : { fix }),
  })
}

/** The client wraps errors when it gives up retrying: the last of the chain is what happened. */
function* causesOf(error: unknown): Generator<unknown> {
  const seen = new Set<unknown>()
  for (let at = error; at !== undefined && at !== null && !seen.has(at); at = causeOf(at)) {
    seen.add(at)
    yield at
  }
}

function causeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'cause' in error ? error.cause : undefined
}

function factsOf(error: unknown): Facts {
  const { name, message, type, code } = Object(error) as Record<string, unknown>
  const text = (value: unknown) => (typeof value === 'string' ? value : '')
  return { name: text(name), message: text(message) || String(error), type: text(type), code: text(code) }
}

function classify(chain: readonly Facts[]): readonly [ErrorCode, string?] {
  for (const { type, code, message } of chain) {
    if (certificateCodes.test(code) || /certificate/i.test(message)) return ['configuration', certificateFix]
    const found = protocolErrors.find(([pattern]) => pattern.test(type))
    if (found !== undefined) return withFix(found)
    if (networkCodes.test(code)) return ['connection']
  }
  for (const { name } of chain) {
    const found = clientErrors.find(([pattern]) => pattern.test(name))
    if (found !== undefined) return withFix(found)
  }
  return ['unknown']
}

function withFix([, code, fix]: Rule): readonly [ErrorCode, string?] {
  return fix === undefined ? [code] : [code, fix]
}
