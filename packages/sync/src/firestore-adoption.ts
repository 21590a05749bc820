import type { Logger } from '@eds/core'
import type { SyncEvent } from './event.js'
import type { FirestoreClient } from './firestore-client.js'
import { maxWrites } from './firestore-commit-plan.js'
import { decodeEvent, fieldsBytes } from './firestore-documents.js'
import { isAlreadyThere, isMissingIndex } from './firestore-errors.js'
import { type Comparison, fromTimestamp, type StoredDocument, toTimestamp } from './firestore-protocol.js'

export interface AdoptionOptions {
  readonly client: FirestoreClient
  /** EventSync's collection. */
  readonly collection: string
  readonly logger: Logger
  /** Tells events of this program, which its head knows of, from others, by their ids. */
  readonly isOwn: (id: string) => boolean
}

/** So many at a time, so that their marks fit into the step that takes them. */
const maxAdopted = maxWrites - 50
const maxAdoptedBytes = 8 * 2 ** 20
const pageSize = 1_000
const readSize = 50
const indexFields = ['EventKey', 'AlreadyExported', 'Datetime'] as const

interface Candidate {
  readonly id: string
  readonly date: number
}

/** Finds what EventSync left, oldest first; not all at once when there is much. */
export class Adoption {
  readonly #options: AdoptionOptions

  constructor(options: AdoptionOptions) {
    this.#options = options
  }

  async find(eventKeys: readonly string[], since: number): Promise<SyncEvent[]> {
    const candidates = await this.#candidates(eventKeys, since)
    const oldest = candidates.sort((left, right) => left.date - right.date).slice(0, maxAdopted)
    const events: SyncEvent[] = []
    let bytes = 0
    for (let start = 0; start < oldest.length && bytes < maxAdoptedBytes; start += readSize) {
      const { client, collection } = this.#options
      const ids = oldest.slice(start, start + readSize).map(({ id }) => id)
      for (const document of await client.get(ids.map((id) => `${collection}/${id}`))) {
        if (document === undefined) continue
        bytes += fieldsBytes(document.fields)
        events.push(decodeEvent(idOf(document), document.fields))
      }
    }
    return events
  }

  async #candidates(eventKeys: readonly string[], since: number): Promise<Candidate[]> {
    const found: Candidate[] = []
    try {
      for (const eventKey of eventKeys) {
        const where: Comparison[] = [
          { field: 'EventKey', op: 'EQUAL', value: { stringValue: eventKey } },
          { field: 'AlreadyExported', op: 'EQUAL', value: { booleanValue: false } },
        ]
        for await (const document of this.#pages(where, since)) this.#keep(document, found)
      }
      return found
    } catch (error) {
      if (!isMissingIndex(error)) throw error
    }
    await this.#createIndex()
    return this.#scan(new Set(eventKeys), since)
  }

  /** Without the composite index: looks at all events of the observation period, used ones too. */
  async #scan(eventKeys: ReadonlySet<string>, since: number): Promise<Candidate[]> {
    const found: Candidate[] = []
    for await (const document of this.#pages([], since)) {
      const { EventKey, AlreadyExported } = document.fields
      const isPending = eventKeys.has(EventKey?.stringValue ?? '') && AlreadyExported?.booleanValue === false
      if (isPending) this.#keep(document, found)
    }
    return found
  }

  #keep(document: StoredDocument, found: Candidate[]): void {
    const id = idOf(document)
    if (!this.#options.isOwn(id)) found.push({ id, date: dateOf(document) })
  }

  async *#pages(where: readonly Comparison[], since: number): AsyncGenerator<StoredDocument> {
    const { client, collection } = this.#options
    const young: Comparison = {
      field: 'Datetime',
      op: 'GREATER_THAN_OR_EQUAL',
      value: { timestampValue: toTimestamp(since) },
    }
    const query = { collection, where: [...where, young], orderBy: 'Datetime', select: indexFields, limit: pageSize }
    let page = await client.query(query)
    for (;;) {
      yield* page
      const last = page.at(-1)
      if (last === undefined || page.length < pageSize) return
      const after = { value: last.fields.Datetime ?? {}, name: last.name }
      page = await client.query({ ...query, after })
    }
  }

  async #createIndex(): Promise<void> {
    const { client, collection, logger } = this.#options
    try {
      await client.createIndex(collection, indexFields)
      logger.info({ collection }, 'the index of the events is being built; this may take some minutes')
    } catch (error) {
      if (isAlreadyThere(error)) return
      const reason = error instanceof Error ? error.message : String(error)
      const command = indexCommand(client, collection)
      logger.warn(
        { collection },
        `the index of the events cannot be created (${reason}); EventSync needs it: ${command}`,
      )
    }
  }
}

/** What creates the index by hand. */
export function indexCommand(
  { projectId, databaseId }: Pick<FirestoreClient, 'projectId' | 'databaseId'>,
  collection: string,
): string {
  const fields = indexFields.map((field) => `--field-config=field-path=${field},order=ascending`)
  const place = `--project='${projectId}' --database='${databaseId}' --collection-group='${collection}'`
  return `gcloud firestore indexes composite create ${place} --query-scope=collection ${fields.join(' ')}`
}

function idOf({ name }: StoredDocument): string {
  return name.slice(name.lastIndexOf('/') + 1)
}

function dateOf({ fields }: StoredDocument): number {
  return fromTimestamp(fields.Datetime?.timestampValue ?? {})
}
