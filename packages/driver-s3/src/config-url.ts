import { EdsError, formatUrl, parseUrl } from '@eds/core'
import { configSchema, type S3Config } from './config.js'
import { endpointOfHost, hostOfEndpoint, isService } from './endpoint.js'

type Key = keyof S3Config

/** URL parameter → configuration key. Names are those of the EDS server, whose spelling is mixed. */
const parameters: Readonly<Record<string, Key>> = {
  region: 'region',
  'access-key-id': 'accessKeyId',
  'secret-access-key': 'secretAccessKey',
  'session-token': 'sessionToken',
  endpoint: 'endpoint',
  'path-style': 'pathStyle',
  'max-retries': 'maxRetries',
  maxBatchSize: 'maxBatchSize',
  uploadTasks: 'uploadTasks',
  format: 'format',
  'target-bytes': 'targetBytes',
  'linger-ms': 'lingerMs',
  sse: 'sse',
  'kms-key-id': 'kmsKeyId',
  checksum: 'checksum',
  'timeout-ms': 'timeoutMs',
}

/** URL → input of the configuration schema. Throws `EdsError('configuration')` without quoting a secret. */
export function parseConfigUrl(url: string): unknown {
  const { hosts, path, query, user } = parseUrl(url)
  const [host, ...more] = hosts
  if (host === undefined || more.length > 0 || user !== undefined) {
    const fix = 'write s3://bucket/prefix, and keys as ?access-key-id=…&secret-access-key=…'
    throw new EdsError('configuration', 'the s3:// URL must name one bucket or service, and no user', { fix })
  }
  const options = Object.fromEntries(
    Object.entries(query)
      .filter(([, value]) => value !== '')
      .map(([name, value]) => [keyOf(name), value]),
  )
  if (!isService(host)) return { ...options, bucket: host.host, prefix: path }
  const [, bucket = '', prefix = ''] = /^\/*([^/]*)(.*)$/s.exec(path) ?? []
  return { endpoint: endpointOfHost(host), ...options, bucket, prefix }
}

/** A parameter goes by its name in URLs or by that of the option. */
function keyOf(name: string): Key {
  const key = Object.hasOwn(parameters, name) ? parameters[name] : Object.values(parameters).find((key) => key === name)
  if (key !== undefined) return key
  const fix = `the parameters are ${Object.keys(parameters).join(', ')}`
  throw new EdsError('configuration', `the s3:// URL has an unknown parameter "${name}"`, { fix })
}

const defaults: Partial<S3Config> = configSchema.parse({ bucket: 'any' })

/** Config → URL that {@link parseConfigUrl} reads back as the same. Options that have their default value are left out. */
export function formatConfigUrl(config: S3Config): string {
  const { bucket, prefix, endpoint } = config
  const service = endpoint === undefined ? undefined : hostOfEndpoint(endpoint)
  const query: Record<string, string> = {}
  for (const [name, key] of Object.entries(parameters)) {
    const value = config[key]
    if (value === undefined || value === defaults[key] || (key === 'endpoint' && service !== undefined)) continue
    query[name] = String(value)
  }
  const inHost = prefix === '' ? '' : `/${prefix}`
  const path = service === undefined ? inHost : `/${bucket}${inHost}`
  return formatUrl({ scheme: 's3', hosts: [service ?? { host: bucket }], path, query })
}
