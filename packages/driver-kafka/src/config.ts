import { EdsError, type FormField, formatUrl, parseUrl, secret, type UrlHost } from '@eds/core'
import { z } from 'zod'
import { isTopicName, topicFor } from './topic.js'

export const defaultPort = 9092

const flag = z.union([z.boolean(), z.stringbool()])
const duration = z.coerce.number().int().min(100).max(600_000)
const file = z.string().min(1).optional()

/** Settings of a Kafka destination; each is a URL parameter too, unless it has a place of its own in the URL. */
export const configSchema = z
  .strictObject({
    hostname: z.string().min(1).describe('Broker, or several of one cluster (`a,b:9093`)'),
    port: z.coerce.number().int().min(1).max(65_535).default(defaultPort).describe('Port of brokers that name none'),
    topic: z
      .string()
      .min(1)
      .refine((text) => isTopicName(topicFor(text, 'table')), 'must be a topic name, which may hold {table}')
      .describe('Topic; `{table}` in it stands for the table, as in `eds.{table}`'),
    username: z.string().min(1).optional().describe('User to log in as; with `tokenUrl`: the client id'),
    password: secret(z.string().min(1))
      .optional()
      .describe('Its password; with `oauthbearer`: the token, or the client’s secret when there is a `tokenUrl`'),
    sasl: z
      .enum(['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'])
      .optional()
      .describe('How to log in; default: `plain` when there is a user name, else not at all'),
    tokenUrl: z.url().optional().describe('With `oauthbearer`: where tokens are fetched (OAuth 2 client credentials)'),
    scope: z.string().min(1).optional().describe('With `tokenUrl`: the scope to ask for'),
    tls: flag.default(false).describe('Encrypt the connection and verify the broker’s certificate'),
    tlsCa: file.describe('PEM file of the authorities to trust; default: those of Node.js'),
    tlsCert: file.describe('PEM file of the client’s certificate'),
    tlsKey: file.describe('PEM file of its key'),
    compression: z
      .enum(['none', 'gzip', 'snappy', 'lz4', 'zstd'])
      .default('none')
      .describe('`snappy`, `lz4` and `zstd` need `kafkajs-snappy`, `kafkajs-lz4` or `@kafkajs/zstd` installed'),
    create: flag.default(true).describe('Let the broker create topics that are missing, if it is set up to'),
    tombstones: flag
      .default(false)
      .describe('For compacted topics: the key is the row’s, and a DELETE is sent without a value'),
    maxMessageBytes: z.coerce
      .number()
      .int()
      .min(1_024)
      .max(2 ** 30)
      .default(1_048_588)
      .describe('The topic’s `max.message.bytes`'),
    connectTimeoutMs: duration.default(10_000).describe('Give up connecting to a broker after this long'),
    requestTimeoutMs: duration.default(20_000).describe('Give up waiting for the answer to a write after this long'),
    clientId: z.string().min(1).default('eds').describe('Shown in the broker’s logs and quotas'),
  })
  .superRefine(({ sasl, username, password, tokenUrl, tls, tlsCa, tlsCert, tlsKey }, context) => {
    const fault = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
    if ((sasl ?? username) !== undefined && password === undefined) fault('password', 'is required to log in')
    if (sasl !== 'oauthbearer' && (sasl ?? password) !== undefined && username === undefined)
      fault('username', 'is required to log in')
    if (tokenUrl !== undefined && (sasl !== 'oauthbearer' || username === undefined))
      fault('tokenUrl', 'needs sasl=oauthbearer and a user name')
    if (!tls && (tlsCa ?? tlsCert ?? tlsKey) !== undefined) fault('tls', 'must be true for certificates to be used')
  })

export type KafkaConfig = z.output<typeof configSchema>

export const formFields: readonly FormField[] = [
  {
    name: 'Hostname',
    key: 'hostname',
    type: 'string',
    description: 'The hostname or IP address of the Kafka broker',
    required: true,
  },
  {
    name: 'Port',
    key: 'port',
    type: 'number',
    default: defaultPort,
    description: 'The port of the Kafka broker',
    required: false,
  },
  { name: 'Topic', key: 'topic', type: 'string', description: 'The Kafka topic to send changes to', required: true },
]

/** URL → input of {@link configSchema}. Throws `EdsError('configuration')` without quoting a secret. */
export function parseConfigUrl(url: string): unknown {
  const { user, password, hosts, path, query } = parseUrl(url)
  const input: Record<string, string | number> = {}
  for (const [name, value] of Object.entries(query)) {
    if (!Object.hasOwn(configSchema.shape, name)) throw unknownOption(name)
    input[name] = value
  }
  if (user !== undefined) input.username = user
  if (password !== undefined) input.password = password
  if (path.length > 1) input.topic = path.slice(1)
  const [first] = hosts
  if (first !== undefined && hosts.length === 1) {
    input.hostname = first.host
    if (first.port !== undefined) input.port = first.port
  } else if (hosts.length > 1) {
    input.hostname = hosts.map(formatHost).join(',')
  }
  return input
}

function unknownOption(name: string): EdsError {
  const fix = `options are ${Object.keys(configSchema.shape).slice(3).join(', ')}`
  return new EdsError('configuration', `Kafka destinations have no option "${name}"`, { fix })
}

const defaults: Partial<KafkaConfig> = configSchema.parse({ hostname: 'localhost', topic: 'any' })

/** Config → URL that {@link parseConfigUrl} reads back as the same. Options that have their default value are left out. */
export function formatConfigUrl(config: KafkaConfig): string {
  const { hostname, port, topic, username, password, ...options } = config
  const query: Record<string, string> = {}
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && value !== defaults[name as keyof typeof defaults]) query[name] = String(value)
  }
  const hosts = splitHosts(hostname)
  if (hosts.length > 1 && port !== defaultPort) query.port = String(port)
  return formatUrl({
    scheme: 'kafka',
    ...(username === undefined ? {} : { user: username }),
    ...(password === undefined ? {} : { password }),
    hosts: hosts.length === 1 ? hosts.map((host) => ({ port, ...host })) : hosts,
    path: `/${topic}`,
    query,
  })
}

/** The brokers to ask first, as `host:port`. */
export function brokersOf({ hostname, port }: KafkaConfig): string[] {
  return splitHosts(hostname).map((host) => formatHost({ port, ...host }))
}

/** `a,b:9093,[::1]:9094` → hosts; a bare IPv6 address is one host. */
function splitHosts(hostname: string): UrlHost[] {
  if (/^[^,[\]]*:[^,[\]]*:[^,]*$/.test(hostname)) return [{ host: hostname }]
  return hostname.split(',').map((item) => {
    const [, bracketed, plain, port] = /^\s*(?:\[(.+)\]|([^:]*))(?::(\d{1,5}))?\s*$/.exec(item) ?? []
    const host = bracketed ?? plain
    if (!host) throw new EdsError('configuration', 'a broker of the Kafka destination is empty or cannot be read')
    return { host, ...(port === undefined ? {} : { port: Number(port) }) }
  })
}

function formatHost({ host, port }: UrlHost): string {
  const name = host.includes(':') ? `[${host}]` : host
  return port === undefined ? name : `${name}:${port}`
}
