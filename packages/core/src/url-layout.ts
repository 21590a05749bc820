import { EdsError } from './errors.js'

/** Where the parts of a URL stand in its text, nothing decoded. The rules are those of `parseUrl`. */
export interface UrlLayout {
  /** Lower case. */
  readonly scheme: string
  /** Everything behind `scheme://`. The offsets below refer to it. */
  readonly rest: string
  /** 0, or just behind the `@` that ends user and password. */
  readonly hostsAt: number
  readonly hostsEnd: number
  /** The `?`, or the length of `rest`. */
  readonly queryAt: number
}

const hostText = '(?:\\[[\\w.~:%-]+\\]|[\\p{L}\\p{M}\\p{N}._~%-]+)'
const hostList = new RegExp(`(?:${hostText}(?::\\d+)?(?:,${hostText}(?::\\d+)?)*)?`, 'uy')
const firstParameter = /[\w.~%-]+[=&]/y
const maxLength = 16_384

/** Finds the parts of a URL. Throws what `parseUrl` throws when there is no scheme, or no host that can be read. */
export function layoutUrl(url: string): UrlLayout {
  const match = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url)
  const scheme = match?.[1]?.toLowerCase()
  if (match === null || scheme === undefined) {
    const fix = 'write it as scheme://host/path'
    throw new EdsError('configuration', 'not a URL: it must begin with scheme://', { fix })
  }
  if (url.length > maxLength) throw urlFault(scheme, `is longer than ${maxLength} characters`)
  const rest = url.slice(match[0].length)
  let found: Pick<UrlLayout, 'hostsAt' | 'hostsEnd'> | undefined
  let queryAt = rest.length
  const lastAt = rest.lastIndexOf('@')
  for (const hostsAt of hostStarts(rest)) {
    if (hostsAt > queryAt) break
    const hostsEnd = endOfHosts(rest, hostsAt)
    if (hostsEnd === undefined) continue
    const question = rest.indexOf('?', hostsEnd)
    if (question >= 0 && question < queryAt && beginsQuery(rest, question + 1, lastAt)) queryAt = question
    found = { hostsAt, hostsEnd }
  }
  if (found === undefined) throw hostFault(rest, scheme)
  return { scheme, rest, ...found, queryAt }
}

/** Where hosts may begin: at the start, and behind each `@` that may end the credentials. */
function* hostStarts(rest: string): Generator<number> {
  yield 0
  const stop = /[:/?]/.exec(rest)
  const limit = stop === null || stop[0] === ':' ? rest.length : stop.index
  for (let at = rest.indexOf('@'); at >= 0 && at < limit; at = rest.indexOf('@', at + 1)) yield at + 1
}

/** The end of a host list that starts here, if what follows it is a path, a query or nothing. */
function endOfHosts(rest: string, start: number): number | undefined {
  hostList.lastIndex = start
  const end = start + (hostList.exec(rest)?.[0].length ?? 0)
  const next = rest[end]
  return next === undefined || next === '/' || next === '?' ? end : undefined
}

function beginsQuery(rest: string, start: number, lastAt: number): boolean {
  if (lastAt < start) return true
  firstParameter.lastIndex = start
  return firstParameter.test(rest)
}

function hostFault(rest: string, scheme: string): EdsError {
  const authority = rest.slice(rest.lastIndexOf('@') + 1).split(/[/?]/, 1)[0] ?? ''
  const part = /^(?:\[[^\]]*\]|[\p{L}\p{N}._~%-]+):/u.test(authority) ? 'port' : 'host'
  const shape = `${scheme}://user:password@host:port/path`
  const fix = `write it as ${shape}, IPv6 addresses in brackets, @ / ? # % in user and password as %40 %2F %3F %23 %25`
  return urlFault(scheme, `has a ${part} that cannot be read`, { fix })
}

/** An error about a URL that names its scheme and nothing else of it. */
export function urlFault(scheme: string, what: string, options: { readonly fix?: string } = {}): EdsError {
  return new EdsError('configuration', `the ${scheme}:// URL ${what}`, options)
}
