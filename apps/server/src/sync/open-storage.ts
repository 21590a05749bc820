import { createHash } from 'node:crypto'
import type { Logger, StateStore } from '@eds/core'
import { embeddedStorage, natsStorage, type SyncStorage } from '@eds/sync'
import { firestoreStorage } from '@eds/sync/firestore'
import { readCredentialsFile } from '../host/nats-source.js'
import type { SyncSettings } from '../settings/sync.js'

/** A storage and the connection that it stands on. */
export interface OpenStorage {
  readonly storage: SyncStorage
  close(): Promise<void>
}

/** Opens where the events are kept. `state` is the store of the data directory; `logger` gets what is worth knowing of a takeover. */
export async function openStorage(
  settings: Pick<SyncSettings, 'store' | 'source' | 'project'>,
  serviceName: string,
  { state, logger }: { readonly state: StateStore; readonly logger: Logger },
): Promise<OpenStorage> {
  if (settings.store === 'lmdb') {
    return { storage: embeddedStorage(state.namespace(`sync/${serviceName}`), 'embedded'), close: async () => {} }
  }
  return settings.store === 'firestore' ? openFirestore(settings, serviceName, logger) : openNats(settings, serviceName)
}

async function openFirestore(
  { project }: Pick<SyncSettings, 'project'>,
  collection: string,
  logger: Logger,
): Promise<OpenStorage> {
  const named = project === undefined ? {} : { projectId: project }
  // The engine closes it.
  return { storage: await firestoreStorage({ collection, logger, ...named }), close: async () => {} }
}

async function openNats({ source }: Pick<SyncSettings, 'source'>, serviceName: string): Promise<OpenStorage> {
  const { connect, credsAuthenticator } = await import('nats')
  const { servers, credentialsFile } = source
  const credentials = credentialsFile === undefined ? undefined : await readCredentialsFile(credentialsFile)
  const connection = await connect({
    servers: [...servers],
    maxReconnectAttempts: -1,
    ...(credentials !== undefined && { authenticator: credsAuthenticator(Buffer.from(credentials)) }),
  })
  return {
    storage: await natsStorage({ connection, bucket: bucketName(serviceName) }),
    close: () => connection.close(),
  }
}

/** Buckets take few characters: what else the name holds is told by its digest. */
export function bucketName(serviceName: string): string {
  const plain = serviceName.replace(/[^A-Za-z0-9_-]+/g, '-').slice(0, 60)
  if (plain === serviceName) return `eds-sync-${plain}`
  return `eds-sync-${plain}-${createHash('sha256').update(serviceName).digest('hex').slice(0, 8)}`
}
