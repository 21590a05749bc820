import type { Endpoint } from './service-definition.js'

/** Address of a URL, whose scheme must be one of `schemes`. The error never repeats the URL: it may hold a password. */
export function endpointOf(url: string, schemes: readonly string[], defaultPort: number): Endpoint {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  const scheme = parsed?.protocol.slice(0, -1) ?? ''
  if (!parsed || !schemes.includes(scheme)) {
    throw new Error(`not a URL of the form ${schemes.map((known) => `${known}://host:port`).join(' or ')}`)
  }
  return { host: parsed.hostname.replace(/^\[|\]$/g, ''), port: parsed.port === '' ? defaultPort : Number(parsed.port) }
}
