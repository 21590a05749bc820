import type { UrlHost } from '@eds/core'

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|::1|\[::1\])$/i
const googleHost = 'storage.googleapis.com'

/** Whether the host of an `s3://` URL is a service rather than a bucket: it has a port, is this machine, or is Google's. */
export function isService({ host, port }: UrlHost): boolean {
  return port !== undefined || loopback.test(host) || host.toLowerCase() === googleHost
}

/** The address of a service: `http` for this machine, `https` for all others. */
export function endpointOfHost({ host, port }: UrlHost): string {
  const name = host.includes(':') ? `[${host}]` : host
  return `${loopback.test(host) ? 'http' : 'https'}://${name}${port === undefined ? '' : `:${port}`}`
}

/** What somebody entered as an address, with its scheme and without a slash at its end. */
export function normalEndpoint(text: string): string {
  const trimmed = text.trim().replace(/\/+$/, '')
  if (/^https?:\/\//i.test(trimmed)) return trimmed
  const host = /^(\[[^\]]*\]|[^:/]*)/.exec(trimmed)?.[0] ?? ''
  return `${loopback.test(host) ? 'http' : 'https'}://${trimmed}`
}

/** The host of an `s3://` URL that stands for this address; `undefined` when none does. */
export function hostOfEndpoint(endpoint: string): UrlHost | undefined {
  const [, name, port] = /^https?:\/\/(\[[^\]]+\]|[^:/]+)(?::(\d+))?$/i.exec(endpoint) ?? []
  if (name === undefined) return undefined
  const host = { host: name.replace(/^\[|\]$/g, ''), ...(port === undefined ? {} : { port: Number(port) }) }
  return isService(host) && endpointOfHost(host) === endpoint ? host : undefined
}

export function isGoogle(endpoint: string | undefined): boolean {
  return endpoint !== undefined && URL.canParse(endpoint) && new URL(endpoint).hostname === googleHost
}
