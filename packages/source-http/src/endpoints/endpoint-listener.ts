import type { IncomingMessage, RequestListener } from 'node:http'
import { isEdsError } from '@eds/core'
import { type Answer, jsonAnswer, send, textAnswer } from './answer.js'
import { allowAnyOrigin, isPreflight, preflightAnswer } from './cors.js'
import type { EndpointService } from './endpoint-service.js'
import { BodyCutOff, BodyTooLarge, readBody } from './read-body.js'
import { toReceivedEvent } from './received-event.js'

export interface EndpointOptions {
  readonly service: EndpointService
  /** Answer as soon as an event is stored, and look afterwards whether a message is due. Default false. */
  readonly answerFirst?: boolean
  /** Allow pages of any origin to call. Default false. */
  readonly anyOrigin?: boolean
  /** A larger body is refused (413). Default 1 MiB. */
  readonly maxBodyBytes?: number
  /** True once the program is ending: `GET /` and `GET /status/health` then answer 503. */
  readonly isEnding?: () => boolean
  /** Told what made a request end in 500, and what went wrong after its answer. */
  readonly onError?: (error: unknown) => void
}

const defaultMaxBodyBytes = 2 ** 20
const eventPath = '/event/'

/**
 * Answers the requests of EventSync, for `http.createServer` of Node.js: `<METHOD> /event/<eventKey>`, `/trigger` (also `/event/trigger`),
 * `/reset`, `/config`, `/status`, `/metrics`, `/` for liveness and `/status/health` for readiness.
 */
export function endpointListener(options: EndpointOptions): RequestListener {
  return (request, response) => {
    if (options.anyOrigin) allowAnyOrigin(response)
    void route(request, options)
      .catch((error: unknown) => failure(error, options))
      .then((answer) => {
        if (answer !== undefined && !response.destroyed) send(response, answer)
      })
  }
}

async function route(request: IncomingMessage, options: EndpointOptions): Promise<Answer> {
  if (options.anyOrigin && isPreflight(request)) return preflightAnswer(request)
  const [path = '/', query = ''] = splitOnce(request.url ?? '/')
  const { service } = options
  if (path === '/trigger' || path === '/event/trigger')
    return act(request, 'trigger the message', () => service.trigger())
  if (path === '/reset') return act(request, 'reset the events', () => service.reset())
  if (path.startsWith(eventPath)) return receive(request, path.slice(eventPath.length), query, options)
  return show(path, options)
}

async function show(path: string, { service, isEnding }: EndpointOptions): Promise<Answer> {
  switch (path) {
    case '/':
      return isEnding?.() ? textAnswer(503, 'shutting down') : textAnswer(200, 'ok')
    case '/status/health':
      return isEnding?.() ? jsonAnswer(503, { status: 'shutting down' }) : healthAnswer(service)
    case '/config':
      return jsonAnswer(200, service.config())
    case '/status':
      return jsonAnswer(200, await service.status())
    case '/metrics': {
      const { contentType, text } = await service.metrics()
      return { status: 200, contentType, body: text }
    }
    default:
      return textAnswer(404, `there is no ${path}`)
  }
}

function healthAnswer(service: EndpointService): Answer {
  const health = service.health?.() ?? { status: 'ok' }
  const isReady = health.status === 'ok' || health.status === 'degraded'
  return jsonAnswer(isReady ? 200 : 503, health)
}

/** Anything but questions about the address itself: schedulers call by GET, POST or PUT. */
async function act(request: IncomingMessage, what: string, action: () => Promise<string>): Promise<Answer> {
  if (request.method === 'HEAD' || request.method === 'OPTIONS') {
    return textAnswer(405, `${request.method} does nothing here`, { Allow: 'GET, POST, PUT' })
  }
  return textAnswer(200, await explained(what, action()))
}

async function receive(
  request: IncomingMessage,
  encodedKey: string,
  query: string,
  options: EndpointOptions,
): Promise<Answer> {
  const { service, answerFirst, maxBodyBytes = defaultMaxBodyBytes, onError } = options
  const eventKey = decodePath(encodedKey)
  if (eventKey === undefined) return textAnswer(400, 'missing or incorrect eventKey in the path')
  const { method = 'GET', rawHeaders } = request
  const refusal = service.refusal(eventKey, method)
  if (refusal !== undefined) return textAnswer(400, refusal)
  const body = await readBody(request, maxBodyBytes)
  const event = toReceivedEvent({ eventKey, method, rawHeaders, query, body })
  const { evaluated } = await explained(storing, service.receive(event))
  if (!answerFirst) return textAnswer(200, await evaluated.catch((error: unknown) => storedAllTheSame(error, options)))
  evaluated.catch((error: unknown) => onError?.(error))
  return textAnswer(200, 'event stored')
}

function storedAllTheSame(error: unknown, { onError }: EndpointOptions): string {
  onError?.(error)
  return `event stored; ${isEdsError(error) ? error.message : 'whether a message is due could not be looked at'}`
}

const storing = 'store the event'

/** What failed, for the caller, behind the error that says why. */
class Failure extends Error {
  override readonly name = 'Failure'
}

async function explained<T>(what: string, action: Promise<T>): Promise<T> {
  try {
    return await action
  } catch (error) {
    throw new Failure(what, { cause: error })
  }
}

function failure(error: unknown, { maxBodyBytes = defaultMaxBodyBytes, onError }: EndpointOptions): Answer | undefined {
  if (error instanceof BodyCutOff) return undefined
  if (error instanceof BodyTooLarge) return textAnswer(413, `the body is larger than ${maxBodyBytes} bytes`)
  const reason = error instanceof Failure ? error.cause : error
  onError?.(reason)
  const what = error instanceof Failure ? `impossible to ${error.message}` : 'internal error'
  if (!isEdsError(reason)) return textAnswer(500, what)
  // Whoever sends the same event again gets the same answer.
  const status = what === `impossible to ${storing}` && reason.code === 'record' ? 400 : 500
  return textAnswer(status, `${what}: ${reason.message}`)
}

function splitOnce(url: string): [path: string, query: string] {
  const mark = url.indexOf('?')
  return mark < 0 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)]
}

/** `undefined` for an empty key, and for one that is not UTF-8 once decoded. */
function decodePath(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded) || undefined
  } catch {
    return undefined
  }
}
