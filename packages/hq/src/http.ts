import { createRedactor, EdsError, withSignals } from '@eds/core'
import { maskTransferUrl, networkError, type RequestName, refusalError, timeoutError } from './api-errors.js'
import type { HqApiOptions } from './api-types.js'
import { type FailedTry, parseRetryAfter, retryDelay } from './retry.js'

/** One request. */
export interface HttpRequest<T> {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array<ArrayBuffer> | Blob
  readonly timeoutMs: number
  /** Statuses besides 2xx that are an outcome and no error. */
  readonly expected?: readonly number[]
  /** Reads the answer, within the time limit. */
  readonly read: (response: Response, requestId: string | undefined) => Promise<T>
}

type Attempt<T> = { readonly value: T } | { readonly failure: FailedTry; readonly error: EdsError }

/** Sends requests, again where that may help, and turns whatever happens into typed errors without secrets. */
export class HttpClient {
  readonly #options: HqApiOptions
  readonly #redact: (text: string) => string

  constructor(options: HqApiOptions) {
    this.#options = options
    this.#redact = createRedactor(options.apiKey ? [options.apiKey] : [])
  }

  async send<T>(request: HttpRequest<T>, signal?: AbortSignal): Promise<T> {
    const { clock, random = Math.random, retryForMs: limitMs = 30_000, logger } = this.#options
    const name = nameOf(request)
    const startedAt = clock.now()
    for (let attempt = 0; ; attempt++) {
      const result = await this.#try(request, name, signal)
      if ('value' in result) return result.value
      const elapsedMs = clock.now() - startedAt
      const delayMs = retryDelay(result.failure, { attempt, elapsedMs, limitMs, random: random() })
      if (delayMs === undefined || signal?.aborted) throw result.error
      logger?.debug({ error: result.error, delayMs }, 'request to HQ failed, trying again')
      await clock.sleep(delayMs, signal)
      if (signal?.aborted) throw result.error
    }
  }

  async #try<T>(request: HttpRequest<T>, name: RequestName, signal: AbortSignal | undefined): Promise<Attempt<T>> {
    if (signal?.aborted) throw cancelled(name, signal)
    const timeout = new AbortController()
    const done = new AbortController()
    void this.#options.clock.sleep(request.timeoutMs, done.signal).then(() => timeout.abort())
    const signals = signal === undefined ? [timeout.signal] : [timeout.signal, signal]
    try {
      return await withSignals(signals, (either) => this.#fetch(request, name, either))
    } catch (cause) {
      if (cause instanceof EdsError) throw cause
      if (signal?.aborted) throw cancelled(name, signal)
      if (timeout.signal.aborted) return { failure: { kind: 'timeout' }, error: timeoutError(name, request.timeoutMs) }
      const { code, message } = reasonOf(cause)
      return { failure: { kind: 'network', code }, error: networkError(name, this.#redact(message)) }
    } finally {
      done.abort()
    }
  }

  async #fetch<T>(request: HttpRequest<T>, name: RequestName, signal: AbortSignal): Promise<Attempt<T>> {
    const { fetch = globalThis.fetch, clock } = this.#options
    const { method, url, headers, body } = request
    const response = await fetch(url, { method, headers, signal, ...(body === undefined ? {} : { body }) })
    const requestId = response.headers.get('x-request-id') ?? undefined
    if (response.ok || request.expected?.includes(response.status)) {
      return { value: await request.read(response, requestId) }
    }
    const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'), clock.now())
    const message = messageIn(await response.text())
    const refusal = {
      status: response.status,
      ...(requestId === undefined ? {} : { requestId }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(message === undefined ? {} : { message: this.#redact(message) }),
    }
    return { failure: { kind: 'status', ...refusal }, error: refusalError(name, refusal) }
  }
}

export function nameOf({ method, url }: { readonly method: string; readonly url: string }): RequestName {
  return { method, url: maskTransferUrl(url) }
}

function cancelled({ method, url }: RequestName, signal: AbortSignal): EdsError {
  return new EdsError('connection', `${method} ${url} was cancelled`, { cause: signal.reason })
}

/** The `message` of an envelope. A body that is none, such as a proxy's page, tells nothing that helps. */
function messageIn(text: string): string | undefined {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null && 'message' in body && typeof body.message === 'string'
      ? body.message
      : undefined
  } catch {
    return undefined
  }
}

/** `fetch` hides the reason in the cause, and, where a host has several addresses, in the errors of that. */
export function reasonOf(error: unknown): { readonly code: string; readonly message: string } {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const inner: unknown = cause instanceof AggregateError ? cause.errors[0] : cause
  const code = typeof inner === 'object' && inner !== null && 'code' in inner ? String(inner.code) : ''
  const message = inner instanceof Error ? inner.message : String(inner)
  return { code, message: message || code || 'the connection broke' }
}
