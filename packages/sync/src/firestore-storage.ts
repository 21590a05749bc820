import type { Logger } from '@eds/core'
import { EdsError } from '@eds/core'
import { type EventPlace, eventIdOf, type SyncEvent, type SyncRequest } from './event.js'
import { Adoption } from './firestore-adoption.js'
import { FirestoreClient, type FirestoreClientOptions } from './firestore-client.js'
import { eventPath, type FirestorePaths, firestorePaths, firingPath, planCommit } from './firestore-commit-plan.js'
import { checkStorable, decodeEvent } from './firestore-documents.js'
import { firestoreFailure, isLostRace } from './firestore-errors.js'
import type { Condition, DocumentWrite, ProtocolTimestamp } from './firestore-protocol.js'
import { silentLogger } from './silent-logger.js'
import type { StorageChange, StoredHead, SyncStorage } from './storage.js'

export interface FirestoreStorageOptions extends FirestoreClientOptions {
  /** Of the events; EventSync's is the `serviceName`. State and firings are in `<collection>-state` and `<collection>-firings`. */
  readonly collection: string
  /** Default: silent. */
  readonly logger?: Logger
}

/** Revision of a head that is not there. */
const none = 'none'
/** Ids of events of this program; those of EventSync have no dashes. */
const ownId = /^[0-9a-z]{12}-\d+-\d+$/

/**
 * Keeps a synchronisation in Firestore, in the collection and the fields of EventSync, so that an existing deployment's pending events are
 * taken up and several instances act as one. A step is one commit, whose condition is that the head is still the one that it was computed
 * from.
 *
 * @throws EdsError `configuration` without credentials, project or a usable name of the collection.
 */
export async function firestoreStorage(options: FirestoreStorageOptions): Promise<SyncStorage> {
  const { collection, logger = silentLogger } = options
  checkCollection(collection)
  try {
    return new FirestoreStorage(await FirestoreClient.open(options), collection, logger)
  } catch (error) {
    throw firestoreFailure(error, 'Firestore')
  }
}

/** https://firebase.google.com/docs/firestore/quotas#collections_documents_and_fields */
function checkCollection(collection: string): void {
  const isUsable =
    collection !== '' && !collection.includes('/') && !/^(?:\.\.?|__.*__)$/.test(collection) && collection.length <= 300
  if (isUsable) return
  throw new EdsError('configuration', `"${collection}" cannot be the name of a collection of Firestore`, {
    fix: 'choose another serviceName, without slashes and of at most 300 letters, or another store',
  })
}

class FirestoreStorage implements SyncStorage {
  readonly description: string
  readonly shared = true
  readonly #client: FirestoreClient
  readonly #paths: FirestorePaths
  readonly #logger: Logger
  readonly #adoption: Adoption

  constructor(client: FirestoreClient, collection: string, logger: Logger) {
    this.#client = client
    this.#paths = firestorePaths(collection)
    this.#logger = logger
    this.description = `Firestore collection ${collection} of project ${client.projectId}`
    this.#adoption = new Adoption({ client, collection, logger, isOwn: (id) => ownId.test(id) })
  }

  check(request: SyncRequest): void {
    checkStorable(request)
  }

  async load(): Promise<StoredHead> {
    return this.#guard(async () => {
      const [head] = await this.#client.get([this.#paths.head])
      if (head === undefined) return { text: undefined, revision: none }
      return { text: head.fields.State?.stringValue ?? '', revision: revisionOf(head.updateTime) }
    })
  }

  async commit(change: StorageChange): Promise<string | undefined> {
    return this.#guard(async () => {
      const { ahead, atomic, after } = planCommit(this.#paths, change, conditionOf(change.expected))
      for (const writes of ahead) await this.#client.commit(writes)
      const version = await this.#replace(atomic)
      if (version === undefined) return undefined
      await this.#mark(after)
      return revisionOf(version)
    })
  }

  async readEvents(places: readonly EventPlace[]): Promise<(SyncEvent | undefined)[]> {
    return this.#guard(async () => {
      const ids = places.map(eventIdOf)
      const found = await this.#client.get(ids.map((id) => eventPath(this.#paths, id)))
      return found.map((document, index) =>
        document === undefined ? undefined : decodeEvent(ids[index] ?? '', document.fields),
      )
    })
  }

  async readFiring(name: string): Promise<string | undefined> {
    return this.#guard(async () => {
      const [document] = await this.#client.get([firingPath(this.#paths, name)])
      return document?.fields.Firing?.stringValue ?? undefined
    })
  }

  async adopt(eventKeys: readonly string[], since: number): Promise<readonly SyncEvent[]> {
    return this.#guard(() => this.#adoption.find(eventKeys, since))
  }

  async close(): Promise<void> {
    await this.#client.close()
  }

  async #replace(writes: readonly DocumentWrite[]): Promise<ProtocolTimestamp | undefined> {
    try {
      return await this.#client.commit(writes)
    } catch (error) {
      if (isLostRace(error)) return undefined
      throw error
    }
  }

  /** The step is done; what fails here only means that EventSync, were it to come back now, would send these events again. */
  async #mark(chunks: readonly (readonly DocumentWrite[])[]): Promise<void> {
    try {
      for (const writes of chunks) await this.#client.commit(writes)
    } catch (error) {
      const { message } = firestoreFailure(error, this.description)
      this.#logger.warn({}, `events that were used could not be marked for EventSync: ${message}`)
    }
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw firestoreFailure(error, this.description)
    }
  }
}

function conditionOf(revision: string): Condition {
  if (revision === none) return { exists: false }
  const [seconds, nanos] = revision.split('.').map(Number)
  return { updateTime: { seconds: seconds ?? 0, nanos: nanos ?? 0 } }
}

function revisionOf({ seconds, nanos }: ProtocolTimestamp): string {
  return `${seconds ?? 0}.${nanos ?? 0}`
}
