import { EdsError } from './errors.js'

interface SharedRequest<T> {
  readonly answer: Promise<T>
  readonly controller: AbortController
  waiting: number
}

/**
 * Lets callers who ask for the same thing at the same time share one request. A caller whose signal aborts leaves; the request is
 * cancelled when nobody waits for it any more.
 */
export class SharedRequests<T> {
  readonly #open = new Map<string, SharedRequest<T>>()

  /** Rejects as the request does, or with `EdsError('connection')` when the caller's signal aborts. */
  async get(key: string, signal: AbortSignal, start: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (signal.aborted) throw cancelled(signal)
    const request = this.#open.get(key) ?? this.#start(key, start)
    request.waiting++
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#leave(key, request)
        reject(cancelled(signal))
      }
      signal.addEventListener('abort', leave, { once: true })
      request.answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
    })
  }

  #start(key: string, start: (signal: AbortSignal) => Promise<T>): SharedRequest<T> {
    const controller = new AbortController()
    const answer = start(controller.signal).finally(() => this.#remove(key, request))
    const request: SharedRequest<T> = { answer, controller, waiting: 0 }
    this.#open.set(key, request)
    return request
  }

  #leave(key: string, request: SharedRequest<T>): void {
    request.waiting--
    if (request.waiting > 0) return
    this.#remove(key, request)
    request.controller.abort()
  }

  #remove(key: string, request: SharedRequest<T>): void {
    if (this.#open.get(key) === request) this.#open.delete(key)
  }
}

function cancelled(signal: AbortSignal): EdsError {
  return new EdsError('connection', 'the request was cancelled', { cause: signal.reason })
}
