import type { ProbeResult } from './service-definition.js'

/** What is known of a service on this machine before anything is changed. */
export interface Facts {
  /** The URL from the environment and what answered there. */
  readonly named?: { readonly variable: string; readonly url: string; readonly probe: ProbeResult }
  /** What answers on the service's own port. */
  readonly port: { readonly number: number; readonly probe: ProbeResult }
  /** Where the server's executable is. */
  readonly executable?: string
  /** How it could be installed here. */
  readonly installer?: string
  /** Whether installing is allowed: as root in a container or CI, or because the user said so. */
  readonly mayInstall: boolean
  /** Whether `docker compose` works. */
  readonly compose: boolean
}

/** One way to get a server. */
export type Way =
  | { readonly kind: 'named'; readonly url: string }
  | { readonly kind: 'answering' }
  | { readonly kind: 'start'; readonly executable: string }
  | { readonly kind: 'install' }
  | { readonly kind: 'compose' }

/** Ways to try in order; none left means the service is missing for `missing`'s reason. */
export interface Resolution {
  readonly ways: readonly Way[]
  readonly missing: string
}

/**
 * Environment variable, own port, native start, native installation, compose. A server that the user named and that
 * does not answer is missing: another one in its place would test the wrong thing.
 */
export function resolve(facts: Facts): Resolution {
  const { named, port } = facts
  if (named) {
    return named.probe.state === 'ready'
      ? { ways: [{ kind: 'named', url: named.url }], missing: '' }
      : { ways: [], missing: `${named.variable} names a server that ${explain(named.probe)}` }
  }
  if (port.probe.state === 'ready') return { ways: [{ kind: 'answering' }], missing: '' }
  if (port.probe.state === 'unsuitable') {
    return { ways: [], missing: `port ${port.number} is taken: ${port.probe.reason}` }
  }
  return { ways: waysToStart(facts), missing: missingReason(facts) }
}

function waysToStart({ executable, installer, mayInstall, compose }: Facts): readonly Way[] {
  const native: readonly Way[] = executable
    ? [{ kind: 'start', executable }]
    : installer && mayInstall
      ? [{ kind: 'install' }]
      : []
  return compose ? [...native, { kind: 'compose' }] : native
}

function missingReason({ executable, installer, mayInstall, compose }: Facts): string {
  const docker = compose ? '' : ', and docker compose does not work here'
  if (executable || (installer && mayInstall)) return `it could not be started${docker}`
  return installer ? `not installed (allow "${installer}" with --install)${docker}` : `not installed${docker}`
}

function explain(probe: Exclude<ProbeResult, { state: 'ready' }>): string {
  if (probe.state === 'closed') return 'does not answer'
  return probe.state === 'starting' ? 'is still starting' : `will not do: ${probe.reason}`
}
