import { layoutUrl, urlFault } from './url-layout.js'

export interface UrlHost {
  /** Name or address, never empty; an IPv6 address without its brackets. Case is kept (bucket and account names live here too). */
  readonly host: string
  /** 1 to 65535. */
  readonly port?: number
}

/** A URL taken apart and decoded. */
export interface UrlParts {
  /** Lower case, without colon. */
  readonly scheme: string
  /** Absent when empty. */
  readonly user?: string
  /** Absent when empty. */
  readonly password?: string
  /** Several when the URL lists several (`a:1,b:2`), none for `file:///dir`. */
  readonly hosts: readonly UrlHost[]
  /** With its leading slash; empty when there is none. */
  readonly path: string
  /** A parameter without `=` has the value `''`. */
  readonly query: Readonly<Record<string, string>>
}

const hostAndPort = /^(?:\[(.+)\]|([^:]+))(?::(\d+))?$/

/**
 * Takes a connection URL apart. Unlike WHATWG `URL` it reads user names and passwords that nobody escaped
 * (`postgres://u:p@ss#w/d@host:5432/db?x=y`), several hosts, and schemes with any kind of host name.
 *
 * How it decides:
 * - `%XX` is decoded in every part where the bytes are valid UTF-8. Any other `%` stands for itself. So an unescaped password
 *   in which two hexadecimal digits happen to follow a `%` has to be written with `%25`.
 * - `+` is a plus sign everywhere, also in the query. `#` has no meaning of its own.
 * - The user ends at the first `:`; a `/` or `?` in front of it (or without any `:`) ends the host part instead, so they have to
 *   be escaped in user names.
 * - User and password end at the last `@` that is followed by hosts, except that an `@` within the query does not count. The query
 *   is what follows the first `?` behind readable hosts and an optional path, as long as it starts like one (`name=`, `name&`) or no
 *   `@` follows.
 *
 * A URL from {@link formatUrl} is never ambiguous.
 *
 * @throws EdsError `configuration` that names the part at fault; quotes nothing but the scheme.
 */
export function parseUrl(url: string): UrlParts {
  const { scheme, rest, hostsAt, hostsEnd, queryAt } = layoutUrl(url)
  return {
    scheme,
    ...(hostsAt > 0 ? parseCredentials(rest.slice(0, hostsAt - 1)) : {}),
    hosts: parseHosts(rest.slice(hostsAt, hostsEnd), scheme),
    path: decode(rest.slice(hostsEnd, queryAt)),
    query: parseQuery(rest.slice(queryAt + 1), scheme),
  }
}

function parseCredentials(text: string): Pick<UrlParts, 'user' | 'password'> {
  const colon = text.indexOf(':')
  const user = decode(colon < 0 ? text : text.slice(0, colon))
  const password = colon < 0 ? '' : decode(text.slice(colon + 1))
  return { ...(user === '' ? {} : { user }), ...(password === '' ? {} : { password }) }
}

function parseHosts(text: string, scheme: string): UrlHost[] {
  if (text === '') return []
  return text.split(',').map((item) => {
    const [, bracketed, plain, digits] = hostAndPort.exec(item) ?? []
    const host = decode(bracketed ?? plain ?? '')
    if (digits === undefined) return { host }
    const port = Number(digits)
    if (port < 1 || port > 65_535) throw urlFault(scheme, 'has a port that is not between 1 and 65535')
    return { host, port }
  })
}

function parseQuery(text: string, scheme: string): Record<string, string> {
  const query = new Map<string, string>()
  for (const item of text.split('&')) {
    if (item === '') continue
    const equals = item.indexOf('=')
    const name = decode(equals < 0 ? item : item.slice(0, equals))
    if (query.has(name)) throw urlFault(scheme, 'gives one parameter twice', { fix: 'remove one of the two' })
    query.set(name, equals < 0 ? '' : decode(item.slice(equals + 1)))
  }
  return Object.fromEntries(query)
}

/** Runs of `%XX` that are valid UTF-8 become characters; everything else stays. */
function decode(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
    try {
      return decodeURIComponent(run)
    } catch {
      return run
    }
  })
}

/**
 * Writes a URL such that {@link parseUrl} gives the same parts again, for any text in user, password, host, path and query. A path
 * without a leading slash gets one.
 *
 * @throws EdsError `configuration` when a host is empty or a part holds half a surrogate pair.
 */
export function formatUrl(parts: UrlParts): string {
  try {
    return `${parts.scheme}://${formatCredentials(parts)}${formatHosts(parts)}${formatPath(parts)}${formatQuery(parts)}`
  } catch (error) {
    if (error instanceof URIError) throw urlFault(parts.scheme, 'would hold half a surrogate pair')
    throw error
  }
}

function formatCredentials({ user = '', password = '' }: UrlParts): string {
  if (password !== '') return `${percentEncode(user)}:${percentEncode(password)}@`
  return user === '' ? '' : `${percentEncode(user)}@`
}

function formatHosts({ scheme, hosts }: UrlParts): string {
  const items = hosts.map(({ host, port }) => {
    if (host === '') throw urlFault(scheme, 'would have an empty host')
    const name = host.includes(':') ? `[${percentEncode(host, ':')}]` : percentEncode(host)
    return port === undefined ? name : `${name}:${port}`
  })
  return items.join(',')
}

function formatPath({ path }: UrlParts): string {
  return path === '' || path.startsWith('/') ? percentEncode(path, '/;=:,') : `/${percentEncode(path, '/;=:,')}`
}

function formatQuery({ query }: UrlParts): string {
  const items = Object.entries(query).map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`)
  return items.length === 0 ? '' : `?${items.join('&')}`
}

/** Percent-encodes all but unreserved characters (RFC 3986) and those to keep. Throws `URIError` at half a surrogate pair. */
function percentEncode(text: string, keep = ''): string {
  return encodeURIComponent(text).replace(/%[0-9A-F]{2}|[!'()*]/g, (match) => {
    if (match.length === 1) return `%${match.charCodeAt(0).toString(16).toUpperCase()}`
    const character = String.fromCharCode(Number.parseInt(match.slice(1), 16))
    return keep.includes(character) ? character : match
  })
}
