import type { Session } from '../session/session-desk.js'
import type { HqSettings } from '../settings/hq.js'
import type { ServerSettings } from '../settings/server.js'
import type { NamedUrl } from '../settings/sink-name.js'
import type { WorkerOrder } from '../worker/messages.js'

export interface OrderFacts {
  readonly settings: ServerSettings
  readonly hq: HqSettings
  /** HQ's address, where the schemas are. */
  readonly apiUrl: string
  readonly natsServers: readonly string[]
  readonly token: string
}

/** Where there are no credentials there is no server id: the EDS server then calls itself this. */
const developmentId = 'dev'

/** What a worker is told to do. Pure. */
export function workerOrder(
  { settings, hq, apiUrl, natsServers, token }: OrderFacts,
  urls: readonly NamedUrl[],
  { credentialsFile }: Pick<Session, 'credentialsFile'>,
  isFirst: boolean,
): Omit<WorkerOrder, 'isPaused'> {
  const { file: _, fileLevel, ...log } = settings.log
  const login = credentialsFile === undefined ? { serverId: developmentId } : { credentialsFile }
  return {
    settings: {
      ...settings,
      urls,
      schema: { kind: 'http', baseUrl: apiUrl },
      source: { ...settings.source, ...login, servers: natsServers },
      restart: settings.restart && isFirst,
      // The supervisor, who shows or keeps it, decides what is too much.
      log: { ...log, format: 'json', level: fileLevel ?? log.level },
    },
    token,
    secrets: [hq.apiKey, token],
  }
}
