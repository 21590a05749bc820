import { createHash } from 'node:crypto'
import { mayInstall, namedUrl, probePort } from './facts.js'
import type { ServiceDefinition } from './service-definition.js'

/**
 * A short text that changes when other servers are available to the tests: part of the key under which Nx keeps their
 * results. Quick, starts nothing, and the same whether a server runs or would be started by the tests.
 */
export async function fingerprint(services: readonly ServiceDefinition[]): Promise<string> {
  const parts = await Promise.all(services.map(async (service) => `${service.name}=${await availability(service)}`))
  return parts.join(' ')
}

async function availability(service: ServiceDefinition): Promise<string> {
  const url = namedUrl(service)
  // Hashed, because Nx may store it and the URL may hold a password.
  if (url !== undefined) return createHash('sha256').update(url).digest('hex').slice(0, 12)
  const { find, installer } = service.native
  if (find() !== undefined || (mayInstall(false) && installer.available())) return 'available'
  return (await probePort(service)).state === 'ready' ? 'available' : 'missing'
}
