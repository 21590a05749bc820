import { isIP } from 'node:net'

/** Whether a connection comes from this machine itself. Takes the address of the socket, never a header. */
export function isLoopback(address: string | undefined): boolean {
  if (address === undefined) return false
  const plain = address.replace(/^::ffff:/i, '')
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'))
}

/**
 * Whether a Host header names this machine itself. A browser that was led here under another name (DNS rebinding) sends that name.
 */
export function isLoopbackHost(header: string | undefined): boolean {
  if (header === undefined) return false
  const name = header.replace(/:\d+$/, '').toLowerCase()
  return name === 'localhost' || isLoopback(name.replace(/^\[(.*)\]$/, '$1'))
}

/** Whether an address to listen on can be reached through loopback. */
export function includesLoopback(host: string): boolean {
  return host === '0.0.0.0' || host === '::' || host === 'localhost' || isLoopback(host)
}
