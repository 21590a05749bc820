import type { KV, NatsConnection } from 'nats'
import { eventIdOf, type SyncEvent } from './event.js'
import { NatsEntries, natsFailure } from './nats-entries.js'
import type { StorageChange, StoredHead, SyncStorage } from './storage.js'

export interface NatsStorageOptions {
  /** Connected, and closed, by whoever owns it. */
  readonly connection: NatsConnection
  /** Name of the key-value bucket, made when it is not there. `[A-Za-z0-9_-]+` */
  readonly bucket: string
  /** Servers that keep it, for a bucket that is made. Default: 1. */
  readonly replicas?: number
}

const headKey = 'head'
/** Revision of a head that is not there. */
const none = '0'

function eventKey(id: string): string {
  return `event.${id}`
}

function firingKey(name: string): string {
  return `firing.${name}`
}

/**
 * Keeps a synchronisation in a JetStream key-value bucket, so that several instances act as one. Events and firings are entries of their
 * own, stored before the head that names them; the head is changed by compare-and-set.
 *
 * @throws EdsError `connection` when there is no JetStream, `authentication` when the rights are missing.
 */
export async function natsStorage({ connection, bucket, replicas = 1 }: NatsStorageOptions): Promise<SyncStorage> {
  const description = `NATS key-value bucket ${bucket}`
  try {
    // Reads go to the leader: what another server answers may be older than what was just stored.
    const kv = await connection.jetstream().views.kv(bucket, { history: 1, replicas, allow_direct: false })
    const manager = await connection.jetstreamManager()
    return new NatsStorage(kv, new NatsEntries({ kv, manager, bucket, maxBytes: entryBytes(connection) }), description)
  } catch (error) {
    throw natsFailure(error, description)
  }
}

/** Room for headers and subject is left in what the server takes. */
function entryBytes({ info }: NatsConnection): number {
  return Math.min(512 * 1_024, (info?.max_payload ?? 1_048_576) - 4_096)
}

class NatsStorage implements SyncStorage {
  readonly description: string
  readonly shared = true
  readonly #kv: KV
  readonly #entries: NatsEntries

  constructor(kv: KV, entries: NatsEntries, description: string) {
    this.#kv = kv
    this.#entries = entries
    this.description = description
  }

  async load(): Promise<StoredHead> {
    return this.#guard(async () => {
      const entry = await this.#kv.get(headKey)
      if (entry === null) return { text: undefined, revision: none }
      return { text: entry.string(), revision: String(entry.revision) }
    })
  }

  async commit(change: StorageChange): Promise<string | undefined> {
    return this.#guard(async () => {
      const { events, firings, removed, head, expected } = change
      await this.#entries.putAll([
        ...events.map(({ place, event }) => ({ key: eventKey(eventIdOf(place)), text: JSON.stringify(event) })),
        ...firings.map(({ name, text }) => ({ key: firingKey(name), text })),
      ])
      const revision = await this.#entries.replace(headKey, head, Number(expected))
      if (revision === undefined) return undefined
      await this.#entries.removeAll([
        ...removed.events.map((place) => eventKey(eventIdOf(place))),
        ...removed.firings.map(firingKey),
      ])
      return String(revision)
    })
  }

  async readEvents(places: Parameters<SyncStorage['readEvents']>[0]): Promise<(SyncEvent | undefined)[]> {
    return this.#guard(async () => {
      const texts = await this.#entries.getAll(places.map((place) => eventKey(eventIdOf(place))))
      // Only this module writes events, in this form.
      return texts.map((text) => (text === undefined ? undefined : (JSON.parse(text) as SyncEvent)))
    })
  }

  async readFiring(name: string): Promise<string | undefined> {
    return this.#guard(async () => (await this.#entries.getAll([firingKey(name)]))[0])
  }

  async close(): Promise<void> {}

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw natsFailure(error, this.description)
    }
  }
}
