/** What `eds server` was given, as far as it decides how it runs. */
export interface ModeFacts {
  /** The API key of the command line or the environment. */
  readonly hasApiKey: boolean
  /** The API key of the configuration file. */
  readonly hasToken: boolean
  readonly hasServerId: boolean
  /** Options that only make sense without HQ: `--creds`, `--schema`, `--stream`, `--source`. */
  readonly hasDirectOption: boolean
  /** A destination or a NATS server. */
  readonly hasDestination: boolean
  readonly isTerminal: boolean
}

/**
 * - `direct`: without HQ, from a stream to destinations that the command line names.
 * - `hq`: managed from HQ.
 * - `enroll`: ask for the enrollment code, then `hq`.
 * - `refused`: known to HQ once, but not any more, or only by half.
 */
export type Mode = 'direct' | 'hq' | 'enroll' | 'refused'

export function decideMode(facts: ModeFacts): Mode {
  if (facts.hasDirectOption) return 'direct'
  if (facts.hasApiKey || (facts.hasToken && facts.hasServerId)) return 'hq'
  if (facts.hasToken || facts.hasServerId) return facts.isTerminal ? 'enroll' : 'refused'
  if (facts.hasDestination) return 'direct'
  return facts.isTerminal ? 'enroll' : 'direct'
}
