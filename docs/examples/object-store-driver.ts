/**
 * A byte sink: each batch becomes one NDJSON object per table, named by the positions that it covers. A replay after a crash
 * repeats the same cut (`batches: 'stable'`) and so overwrites the same objects: exactly once, without a list or a lock.
 */
import {
  type ChangeEvent,
  type Driver,
  defineDriver,
  EdsError,
  type ErrorCode,
  type EventBatch,
  formatUrl,
  parseUrl,
  secret,
  type WriteFailure,
  type WriteResult,
} from '@eds/core'
import { z } from 'zod'

const config = z.strictObject({
  host: z.string().min(1).describe('Host of the object store.'),
  path: z.string().startsWith('/').describe('Bucket and prefix, for instance `/bucket/prefix`.'),
  token: secret(z.string()).describe('Access token.'),
  maxEventBytes: z.coerce.number().int().positive().default(16_000_000).describe('Larger events are set aside.'),
})
type Config = z.infer<typeof config>

export default defineDriver<Config>({
  apiVersion: 1,
  name: 'objects',
  title: 'Object store',
  description: 'NDJSON objects, one per table and batch.',
  exampleUrl: 'objects://:token@storage.example.com/bucket/prefix',
  schemes: ['objects'],
  config,
  parse: (url) => {
    const { hosts, path, password, query } = parseUrl(url)
    return { ...query, host: hosts[0]?.host, path, token: password }
  },
  format: ({ host, path, token, maxEventBytes }) => {
    const query = { maxEventBytes: String(maxEventBytes) }
    return formatUrl({ scheme: 'objects', password: token, hosts: [{ host }], path, query })
  },
  traits: () => ({
    maxBatchEvents: 10_000,
    maxBatchBytes: 32_000_000,
    maxInFlight: 1,
    lingerMs: 10_000,
    ordering: 'key',
    redelivery: 'idempotent',
    compaction: false,
    batches: 'stable',
    start: 'resume',
  }),
  create: (settings) => new ObjectStoreDriver(settings),
})

class ObjectStoreDriver implements Driver {
  readonly #config: Config

  constructor(settings: Config) {
    this.#config = settings
  }

  async connect(signal: AbortSignal): Promise<void> {
    await this.#request('HEAD', '', signal)
  }

  async write(batch: EventBatch, signal: AbortSignal): Promise<WriteResult> {
    const { failures, tables } = split(batch, this.#config.maxEventBytes)
    const cut = `${batch.first}-${batch.last}`
    for (const [table, lines] of tables) {
      await this.#request('PUT', `/${encodeURIComponent(table)}/${cut}.ndjson`, signal, Buffer.concat(lines))
    }
    return { failures }
  }

  async close(): Promise<void> {}

  async #request(method: string, name: string, signal: AbortSignal, body?: Buffer<ArrayBuffer>): Promise<void> {
    const { host, path, token } = this.#config
    const target = `https://${host}${path}${name}`
    const init = { method, signal, headers: { authorization: `Bearer ${token}` }, ...(body && { body }) }
    const response = await fetch(target, init).catch((cause: Error) => {
      throw new EdsError('connection', `${method} ${target} failed: ${cause.message}`, { cause })
    })
    await response.body?.cancel()
    if (!response.ok) throw new EdsError(errorCode(response.status), `${method} ${target} answered ${response.status}`)
  }
}

/**
 * Pure: events → lines by table. A poison event is reported by index, not by rejecting: so the objects of a cut are always the
 * same, whatever is set aside.
 */
export function split(batch: Pick<EventBatch, 'events'>, maxEventBytes: number) {
  const failures: WriteFailure[] = []
  const tables = new Map<string, Uint8Array[]>()
  batch.events.forEach((event, index) => {
    if (event.bytes.length > maxEventBytes) {
      const message = `the event has ${event.bytes.length} bytes, more than maxEventBytes (${maxEventBytes})`
      failures.push({ index, error: new EdsError('record', message, { index }) })
    } else {
      const lines = tables.get(event.table) ?? []
      tables.set(event.table, lines)
      lines.push(singleLine(event), newline)
    }
  })
  return { failures, tables }
}

const newline = Buffer.from('\n')

/** JSON text may be spread over lines; between its tokens a space does as well. */
function singleLine({ bytes }: ChangeEvent): Uint8Array {
  return bytes.includes(10) ? bytes.map((byte) => (byte === 10 ? 32 : byte)) : bytes
}

/** Pure: HTTP status → what the lane does. */
export function errorCode(status: number): ErrorCode {
  if (status === 401 || status === 403) return 'authentication'
  if (status === 404) return 'configuration'
  if (status === 429) return 'throttled'
  return status >= 500 || status === 408 ? 'connection' : 'unknown'
}
