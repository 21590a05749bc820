import { EdsError, type FormField, formatUrl, parseUrl } from '@eds/core'
import { z } from 'zod'

const flag = z.union([z.boolean(), z.stringbool()])

/** https://cloud.google.com/pubsub/docs/pubsub-basics#resource_names */
const topicName = '(?!goog)[A-Za-z][A-Za-z0-9._~+%-]{2,254}'
const topicRule =
  'must be the name of a topic, such as eds-changes: 3 to 255 letters, digits and - . _ ~ + %, a letter first'
const fullTopic = new RegExp(`^projects/[^/]+/topics/${topicName}$`)
const bareTopic = new RegExp(`^${topicName}$`)

/** Settings of a Pub/Sub destination. */
export const configSchema = z.strictObject({
  project: z
    .string()
    .regex(/^(?:[a-z0-9.-]+:)?[a-z0-9][a-z0-9-]*$/, 'must be the id of a project, such as my-project')
    .describe('Id of the Google Cloud project'),
  topic: z
    .string()
    .refine((text) => bareTopic.test(text) || fullTopic.test(text), topicRule)
    .describe('Name of the topic; `projects/<id>/topics/<name>` for one of another project'),
  credentialsFile: z
    .string()
    .min(1)
    .optional()
    .describe('Key file of a service account (URL: `credentials`); default: Application Default Credentials'),
  endpoint: z
    .string()
    .regex(/^(?:\[[^\]/]+\]|[^:/\s]+)(?::\d{1,5})?$/, 'must be host:port')
    .optional()
    .describe('`host:port` to use instead of Google’s; outside of `googleapis.com` an emulator, without TLS or login'),
  ordering: flag.default(true).describe('Send ordering keys, so that changes of a row can be received in order'),
  attributes: z
    .record(
      z.string().regex(/^(?!goog)[^\s]{1,256}$/, 'must be a name of at most 256 characters'),
      z.string().min(1).max(1024),
    )
    .optional()
    .describe('Attributes of every message, instead of those of the event (URL: `attribute.<name>=value`)'),
  create: flag.default(false).describe('Create the topic when it is not there'),
  timeoutMs: z.coerce
    .number()
    .int()
    .min(100)
    .max(600_000)
    .default(60_000)
    .describe('Give up on a request after this long'),
})

export type PubsubConfig = z.output<typeof configSchema>

export const formFields: readonly FormField[] = [
  { name: 'Project', key: 'project', type: 'string', description: 'The Google Cloud project id', required: true },
  { name: 'Topic', key: 'topic', type: 'string', description: 'The topic to publish to', required: true },
  {
    name: 'Credentials File',
    key: 'credentialsFile',
    type: 'string',
    description: 'Path of a service account key file; empty: Application Default Credentials',
    required: false,
  },
]

/** URL parameter → configuration key. */
const parameters: Readonly<Record<string, keyof PubsubConfig>> = {
  credentials: 'credentialsFile',
  endpoint: 'endpoint',
  ordering: 'ordering',
  create: 'create',
  timeoutMs: 'timeoutMs',
}

/** `pubsub://<project>/<topic>?option=value` → input of {@link configSchema}. Throws `EdsError('configuration')`. */
export function parseConfigUrl(url: string): unknown {
  const { hosts, user, path, query } = parseUrl(url)
  const [host] = hosts
  if (hosts.length > 1 || user !== undefined || host?.port !== undefined) {
    throw new EdsError('configuration', 'the pubsub:// URL has a user, a port or several hosts', {
      fix: 'write pubsub://<project>/<topic>; a server of your own goes into ?endpoint=host:port',
    })
  }
  const given = Object.entries(query)
  const attributes = given.filter(([name]) => name.startsWith(attributePrefix))
  const options = given.filter(([name]) => !name.startsWith(attributePrefix))
  return {
    ...Object.fromEntries(options.map(([name, value]) => [parameterKey(name), value])),
    ...(attributes.length === 0 ? {} : { attributes: Object.fromEntries(attributes.map(withoutPrefix)) }),
    ...(host === undefined ? {} : { project: host.host }),
    ...(path.length > 1 ? { topic: path.slice(1) } : {}),
  }
}

const attributePrefix = 'attribute.'

function withoutPrefix([name, value]: readonly [string, string]): [string, string] {
  return [name.slice(attributePrefix.length), value]
}

function parameterKey(name: string): string {
  const key = Object.hasOwn(parameters, name) ? parameters[name] : undefined
  if (key !== undefined) return key
  const fix = `the parameters are ${Object.keys(parameters).join(', ')}`
  throw new EdsError('configuration', `the pubsub:// URL has an unknown parameter "${name}"`, { fix })
}

const defaults = configSchema.parse({ project: 'any', topic: 'any' })

/** Config → URL that {@link parseConfigUrl} reads back as the same. Options that have their default value are left out. */
export function formatConfigUrl(config: PubsubConfig): string {
  const query: Record<string, string> = {}
  for (const [name, key] of Object.entries(parameters)) {
    const value = config[key]
    if (value !== undefined && value !== defaults[key]) query[name] = String(value)
  }
  for (const [name, value] of Object.entries(config.attributes ?? {})) query[attributePrefix + name] = value
  return formatUrl({ scheme: 'pubsub', hosts: [{ host: config.project }], path: `/${config.topic}`, query })
}

/** `projects/<id>/topics/<name>`, as the API names topics. */
export function topicPath({ project, topic }: Pick<PubsubConfig, 'project' | 'topic'>): string {
  return topic.includes('/') ? topic : `projects/${project}/topics/${topic}`
}
