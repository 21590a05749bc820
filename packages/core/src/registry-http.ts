import { EdsError, isEdsError } from './errors.js'
import { withSignals } from './linked-signal.js'
import type { SchemaRegistry } from './registry.js'
import type { Clock, StateStore } from './runtime.js'
import type { TableSchema } from './schema.js'
import { SchemaCache } from './schema-cache.js'
import { parseTableSchema, readableSchemas, schemasFromDocument } from './schema-document.js'
import { SharedRequests } from './shared-requests.js'

export interface HttpRegistryOptions {
  /** `https://api.example.com`, with or without a path, without credentials; the registry asks for `<baseUrl>/v3/schema…`. */
  readonly baseUrl: string
  readonly clock: Clock
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>
  /** Keeps schemas across restarts. When it fails, the registry goes on without. */
  readonly cache?: StateStore
  readonly fetch?: typeof globalThis.fetch
  /** Longest wait for an answer, milliseconds. Default 30,000. */
  readonly timeoutMs?: number
}

const listPath = '/v3/schema'

/**
 * A registry that answers `GET /v3/schema` (a map of object name → latest schema) and
 * `GET /v3/schema/{object}/{modelVersion}` (one schema; 404 when there is none).
 *
 * A schema in one version never changes, so what was answered once is not asked again. When no answer can be had, `get` and `latest`
 * reject with `connection`, which the lane retries; when an answer makes no sense, with `configuration`, naming the place.
 *
 * @throws EdsError `configuration` when the base URL is not of that kind.
 */
export function httpRegistry(options: HttpRegistryOptions): SchemaRegistry {
  const registry = new HttpRegistry({ ...options, baseUrl: checkBaseUrl(options.baseUrl) })
  return {
    get: (table, modelVersion, _sample, signal) => registry.get(table, modelVersion, signal),
    latest: (signal) => registry.latest(signal),
  }
}

class HttpRegistry {
  readonly #options: HttpRegistryOptions
  readonly #cache: SchemaCache
  readonly #schemaRequests = new SharedRequests<TableSchema | undefined>()
  readonly #listRequests = new SharedRequests<unknown>()
  #objects: ReadonlyMap<string, string> = new Map()

  constructor(options: HttpRegistryOptions) {
    this.#options = options
    this.#cache = new SchemaCache(options.cache)
  }

  async latest(signal: AbortSignal): Promise<ReadonlyMap<string, TableSchema>> {
    const document = await this.#askList(signal)
    const schemas = this.#read(listPath, () => schemasFromDocument(document))
    return new Map(schemas.map((schema) => [schema.table, schema]))
  }

  async get(table: string, modelVersion: string, signal: AbortSignal): Promise<TableSchema | undefined> {
    const known = this.#cache.recall(table, modelVersion)
    if (known !== undefined) return known
    const key = JSON.stringify([table, modelVersion])
    return this.#schemaRequests.get(key, signal, (shared) => this.#find(table, modelVersion, shared))
  }

  async #find(table: string, modelVersion: string, signal: AbortSignal): Promise<TableSchema | undefined> {
    const stored = await this.#cache.load(table, modelVersion)
    if (stored !== undefined) return stored
    if (!this.#objects.has(table)) await this.#askList(signal)
    const object = this.#objects.get(table)
    if (object === undefined) return undefined
    return this.#cache.recall(table, modelVersion) ?? this.#ask(object, table, modelVersion, signal)
  }

  async #ask(
    object: string,
    table: string,
    modelVersion: string,
    signal: AbortSignal,
  ): Promise<TableSchema | undefined> {
    const path = `${listPath}/${encodeURIComponent(object)}/${encodeURIComponent(modelVersion)}`
    const document = await this.#request(path, signal)
    if (document === undefined) return undefined
    const schema = this.#read(path, () => parseTableSchema(document))
    if (schema.table !== table || schema.modelVersion !== modelVersion) {
      const given = `table "${schema.table}" in version "${schema.modelVersion}"`
      throw new EdsError('configuration', `${this.#describe(path)} gave the schema of ${given}`)
    }
    await this.#cache.keep([schema])
    return schema
  }

  /** Asks for the latest schemas, and learns the objects' names. */
  async #askList(signal: AbortSignal): Promise<unknown> {
    return this.#listRequests.get('', signal, async (shared) => {
      const document = await this.#request(listPath, shared)
      if (document === undefined) throw new EdsError('connection', `${this.#describe(listPath)} answered 404`)
      const entries = this.#read(listPath, () => readableSchemas(document))
      this.#objects = new Map(entries.map(({ table, object }) => [table, object]))
      await this.#cache.keep(entries.flatMap(({ schema }) => schema ?? []))
      return document
    })
  }

  /** The body; `undefined` on 404. */
  async #request(path: string, signal: AbortSignal): Promise<unknown> {
    const { clock, timeoutMs = 30_000 } = this.#options
    const timeout = new AbortController()
    const done = new AbortController()
    void clock.sleep(timeoutMs, done.signal).then(() => timeout.abort())
    try {
      return await withSignals([signal, timeout.signal], (either) => this.#fetch(path, either))
    } catch (cause) {
      if (isEdsError(cause)) throw cause
      const reason = timeout.signal.aborted ? `no answer within ${timeoutMs} ms` : reasonOf(cause)
      throw new EdsError('connection', `${this.#describe(path)} failed: ${reason}`, { cause })
    } finally {
      done.abort()
    }
  }

  async #fetch(path: string, signal: AbortSignal): Promise<unknown> {
    const { fetch = globalThis.fetch, headers = {} } = this.#options
    const response = await fetch(this.#options.baseUrl + path, { headers, signal })
    if (response.ok) return await response.json()
    await response.body?.cancel()
    if (response.status === 404) return undefined
    throw new EdsError(
      'connection',
      `${this.#describe(path)} answered ${response.status} ${response.statusText}`.trim(),
    )
  }

  #read<T>(path: string, parse: () => T): T {
    try {
      return parse()
    } catch (error) {
      if (!isEdsError(error)) throw error
      throw new EdsError(error.code, `${this.#describe(path)}: ${error.message}`, { cause: error })
    }
  }

  #describe(path: string): string {
    return `GET ${this.#options.baseUrl}${path}`
  }
}

/** Without a slash at the end. */
function checkBaseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isPlain = url && /^https?:$/.test(url.protocol) && !(url.username || url.password || url.search || url.hash)
  if (!isPlain) {
    const fix = 'write it as https://host/path, and credentials into the headers'
    throw new EdsError('configuration', 'the URL of the schema registry must be plain http or https', { fix })
  }
  return url.href.endsWith('/') ? url.href.slice(0, -1) : url.href
}

/** The reason that `fetch` hides in the cause: `connect ECONNREFUSED 127.0.0.1:1`. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message || error.message : error.message
}
