import { readFile } from 'node:fs/promises'
import { type Logger, parseUrl, type Source, type StateStore } from '@eds/core'
import { companySubjects, narrowCompanies, nats, readCredentials } from '@eds/source-nats'
import { usageError } from '../exit-codes.js'
import type { Redactor } from '../redactor.js'
import type { SourceSettings } from '../settings/source.js'
import { consumerNames } from './consumer-names.js'

/** The NATS stream that the settings name, with a consumer for each sink. Connects to nothing yet. */
export async function natsSource(
  settings: SourceSettings,
  sinks: readonly string[],
  host: { readonly redactor: Redactor; readonly logger: Logger; readonly state: StateStore },
): Promise<Source> {
  host.redactor.add(serverSecrets(settings.servers))
  const { credentialsFile, consumerSuffix, ack, maxAckPending, maxPullEvents } = settings
  const holder = credentialsFile === undefined ? undefined : readCredentials(await readCredentialsFile(credentialsFile))
  const companyIds = holder ? narrowCompanies(holder.companyIds, settings.companyIds) : settings.companyIds
  const serverId = holder ? (holder.serverId ?? 'dev') : settings.serverId
  const names = consumerNames(sinks, {
    ...(serverId !== undefined && { serverId }),
    ...(consumerSuffix !== undefined && { suffix: consumerSuffix }),
  })
  return nats({
    servers: settings.servers,
    stream: settings.stream,
    consumer: (cursor) => names.get(cursor) ?? cursor,
    state: host.state,
    logger: host.logger,
    ...(credentialsFile !== undefined && { credentials: { credsFile: credentialsFile } }),
    ...(companyIds.length > 0 && { filterSubjects: companySubjects(companyIds, settings.stream) }),
    ...(ack !== undefined && { ack }),
    ...(maxAckPending !== undefined && { maxAckPending }),
    ...(maxPullEvents !== undefined && { maxPullBatch: maxPullEvents }),
  })
}

/** @throws CommandFailure (exit code 3) when it cannot be read. */
export async function readCredentialsFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw usageError(`cannot read the credentials ${path} (${(error as NodeJS.ErrnoException).code})`, 'check --creds')
  }
}

/** Passwords, and tokens in the place of a user. */
export function serverSecrets(servers: readonly string[]): string[] {
  return servers.flatMap((server) => {
    try {
      const { user, password } = parseUrl(server.includes('://') ? server : `nats://${server}`)
      return [password ?? user ?? []].flat()
    } catch {
      return []
    }
  })
}
