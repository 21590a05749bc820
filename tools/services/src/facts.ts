import { composeWorks } from './compose.js'
import { isContainer, isContinuousIntegration, isRoot } from './machine.js'
import type { Facts } from './resolution.js'
import type { Endpoint, ProbeResult, ServiceDefinition } from './service-definition.js'

const probeTimeoutMs = 2_000

/** Looks, and changes nothing. Stops looking where what was found settles the question. */
export async function gatherFacts(service: ServiceDefinition, install: boolean): Promise<Facts> {
  const named = await namedServer(service)
  const probe = named ? { state: 'closed' as const } : await probePort(service)
  const port = { number: service.port, probe }
  if (named || probe.state === 'ready') return { ...(named ? { named } : {}), port, mayInstall: false, compose: false }
  const { native } = service
  const executable = native.find()
  return {
    port,
    ...(executable === undefined ? {} : { executable }),
    ...(native.installer.available() ? { installer: native.installer.label } : {}),
    mayInstall: mayInstall(install),
    compose: await composeWorks(),
  }
}

/** The URL that the environment gives, if it gives one. */
export function namedUrl(service: ServiceDefinition): string | undefined {
  return process.env[service.environmentVariable] || undefined
}

/** What answers on the service's own port. */
export function probePort(service: ServiceDefinition): Promise<ProbeResult> {
  return service.probe(ownEndpoint(service), probeTimeoutMs)
}

function ownEndpoint(service: ServiceDefinition): Endpoint {
  return { host: '127.0.0.1', port: service.port }
}

/** Installing changes the machine: only throw-away machines, unless the user says so. */
export function mayInstall(install: boolean): boolean {
  return install || (isRoot() && (isContainer() || isContinuousIntegration()))
}

async function namedServer(service: ServiceDefinition): Promise<Facts['named']> {
  const url = namedUrl(service)
  if (url === undefined) return undefined
  const variable = service.environmentVariable
  return { variable, url, probe: await probeUrl(service, url) }
}

async function probeUrl(service: ServiceDefinition, url: string): Promise<ProbeResult> {
  try {
    return await service.probe(service.endpoint(url), probeTimeoutMs)
  } catch (error) {
    return { state: 'unsuitable', reason: error instanceof Error ? error.message : String(error) }
  }
}
