import { createHash } from 'node:crypto'
import { maskUrl, parseUrl } from '@eds/core'

export interface NamedUrl {
  /** Absent: to be derived with {@link sinkNameFor}. */
  readonly name?: string
  readonly url: string
}

/** Takes `orders=postgres://…` apart; a plain URL has no name. */
export function splitName(text: string): NamedUrl {
  const match = /^([A-Za-z0-9_-]+)=([a-z][a-z0-9+.-]*:.*)$/is.exec(text)
  return match?.[1] !== undefined && match[2] !== undefined ? { name: match[1], url: match[2] } : { url: text }
}

const maxReadableLength = 24

/**
 * The name of a sink that was given none: driver, database or host, and a hash of host and path, such as `postgres-orders-3f9a2c1b`.
 * The same for the same destination on every start, whatever the user, password and options are; never holds a secret.
 */
export function sinkNameFor(driver: string, url: string): string {
  const { hosts, path } = destinationOf(url)
  const identity = createHash('sha256')
    .update(JSON.stringify([driver, hosts, path]))
    .digest('hex')
  const segments = path.includes(';') ? [] : path.split('/').filter((segment) => segment !== '')
  const readable = plain(segments.at(-1) ?? '') || plain(hosts[0]?.split('.')[0] ?? '')
  return [driver, readable, identity.slice(0, 8)].filter((part) => part !== '').join('-')
}

/** Host and path as they are shown: what is secret in them (keys within the path) reads `***`. */
function destinationOf(url: string): { hosts: readonly string[]; path: string } {
  const shown = maskUrl(url)
  try {
    const { hosts, path } = parseUrl(shown)
    return { hosts: hosts.map(({ host, port }) => (port === undefined ? host : `${host}:${port}`)), path }
  } catch {
    return { hosts: [], path: shown.replace(/\?.*$/s, '') }
  }
}

function plain(text: string): string {
  return text
    .replace(/[^A-Za-z0-9_]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, maxReadableLength)
}
