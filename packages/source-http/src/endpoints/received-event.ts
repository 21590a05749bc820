import { isUtf8 } from 'node:buffer'
import type { ReceivedEvent } from './endpoint-service.js'

/** Says in an event's headers that its content is base64. Senders cannot set it. */
export const encodingHeader = 'Eds-Content-Encoding'

/** What is needed of a request. */
export interface RawRequest {
  readonly eventKey: string
  readonly method: string
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[]
  /** Behind the `?`; empty when there is none. */
  readonly query: string
  readonly body: Buffer
}

export function toReceivedEvent({ eventKey, method, rawHeaders, query, body }: RawRequest): ReceivedEvent {
  const isText = isUtf8(body)
  const headers = headerLists(rawHeaders)
  return {
    eventKey,
    httpMethod: method.toUpperCase(),
    headers: isText ? headers : { ...headers, [encodingHeader]: ['base64'] },
    queryParams: queryLists(query),
    content: body.toString(isText ? 'utf8' : 'base64'),
  }
}

/** The bytes of an event's body. */
export function contentBytes({ headers, content }: Pick<ReceivedEvent, 'headers' | 'content'>): Buffer {
  return Buffer.from(content, headers[encodingHeader]?.[0] === 'base64' ? 'base64' : 'utf8')
}

/** Of the connection rather than of the event; EventSync did not see them either. */
const connectionHeaders: ReadonlySet<string> = new Set(['Host', 'Transfer-Encoding', 'Trailer', encodingHeader])

function headerLists(rawHeaders: readonly string[]): Record<string, readonly string[]> {
  const pairs: [string, string][] = []
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = knownName(rawHeaders[index] ?? '')
    if (!connectionHeaders.has(name)) pairs.push([name, headerText(rawHeaders[index + 1] ?? '')])
  }
  return toLists(pairs)
}

const knownNames = new Map<string, string>()
const maxKnownNames = 1_000

/** Senders repeat themselves. */
function knownName(name: string): string {
  const known = knownNames.get(name)
  if (known !== undefined) return known
  const canonical = canonicalHeaderName(name)
  if (knownNames.size < maxKnownNames) knownNames.set(name, canonical)
  return canonical
}

/** Each word with a capital, the rest in lower case, as https://pkg.go.dev/net/http#CanonicalHeaderKey. */
export function canonicalHeaderName(name: string): string {
  return name.toLowerCase().replace(/(?:^|-)[a-z]/g, (match) => match.toUpperCase())
}

const beyondAscii = /[\u0080-\uffff]/

/** Node.js takes the bytes of a header for Latin-1; senders nearly always mean UTF-8. */
function headerText(value: string): string {
  if (!beyondAscii.test(value)) return value
  const bytes = Buffer.from(value, 'latin1')
  return isUtf8(bytes) ? bytes.toString('utf8') : value
}

function queryLists(query: string): Record<string, readonly string[]> {
  return query === '' ? {} : toLists([...new URLSearchParams(query)])
}

function toLists(pairs: readonly (readonly [string, string])[]): Record<string, readonly string[]> {
  const lists = new Map<string, string[]>()
  for (const [name, value] of pairs) {
    const list = lists.get(name)
    if (list === undefined) lists.set(name, [value])
    else list.push(value)
  }
  return Object.fromEntries(lists)
}
