import { randomBytes } from 'node:crypto'
import type { Document, Timestamp } from './protocol.js'
import { Refusal } from './refusal.js'

interface Transaction {
  readonly documents: Map<string, string>
  readonly queries: { readonly run: () => readonly Document[]; readonly seen: string }[]
}

/**
 * Transactions with optimistic concurrency: what one has read is looked at again when it commits, and when something of it changed
 * meanwhile, nothing is written.
 */
export class Transactions {
  readonly #open = new Map<string, Transaction>()

  begin(): Buffer {
    const id = randomBytes(12)
    this.#open.set(id.toString('hex'), { documents: new Map(), queries: [] })
    return id
  }

  sawDocument(id: Buffer, name: string, document: Document | undefined): void {
    const { documents } = this.#find(id)
    if (!documents.has(name)) documents.set(name, versionOf(document))
  }

  sawQuery(id: Buffer, run: () => readonly Document[]): void {
    this.#find(id).queries.push({ run, seen: versionsOf(run()) })
  }

  /** Ends the transaction; `current` is what there is now. @throws Refusal `ABORTED` when that is not what was read. */
  end(id: Buffer, current: (name: string) => Document | undefined): void {
    const { documents, queries } = this.#find(id)
    this.rollback(id)
    const isStale =
      [...documents].some(([name, version]) => versionOf(current(name)) !== version) ||
      queries.some(({ run, seen }) => versionsOf(run()) !== seen)
    if (isStale) throw new Refusal('ABORTED', 'Too much contention on these documents. Please try again.')
  }

  rollback(id: Buffer): void {
    this.#open.delete(id.toString('hex'))
  }

  #find(id: Buffer): Transaction {
    const found = this.#open.get(id.toString('hex'))
    if (found === undefined)
      throw new Refusal('INVALID_ARGUMENT', 'The referenced transaction has expired or is no longer valid.')
    return found
  }
}

function versionsOf(documents: readonly Document[]): string {
  return documents.map((document) => `${document.name}@${versionOf(document)}`).join()
}

function versionOf(document: Document | undefined): string {
  return document === undefined ? 'missing' : textOf(document.updateTime ?? {})
}

function textOf({ seconds = '0', nanos = 0 }: Timestamp): string {
  return `${seconds}.${nanos}`
}
