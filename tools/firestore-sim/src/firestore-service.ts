import { DocumentStore } from './document-store.js'
import { Indexes } from './indexes.js'
import type {
  BatchGetRequest,
  CommitRequest,
  Consistency,
  Document,
  Index,
  RunQueryRequest,
  Timestamp,
  Write,
} from './protocol.js'
import { selectDocuments } from './query.js'
import { Refusal } from './refusal.js'
import { Transactions } from './transactions.js'

export interface ServiceOptions {
  /** Refuse queries that need a composite index which nobody created, as the service does and the emulator does not. */
  readonly requireIndexes: boolean
}

interface ReadResult {
  readonly transaction?: Buffer
  readonly found?: Document
  readonly missing?: string
  readonly document?: Document
  readonly readTime: Timestamp
}

/** What each call does, without the network. Everything happens at once, so that each call is atomic. */
export class FirestoreService {
  readonly store = new DocumentStore()
  readonly indexes = new Indexes()
  readonly #transactions = new Transactions()
  readonly #options: ServiceOptions

  constructor(options: ServiceOptions) {
    this.#options = options
  }

  beginTransaction(): { transaction: Buffer } {
    return { transaction: this.#transactions.begin() }
  }

  rollback({ transaction }: CommitRequest): object {
    if (transaction !== undefined) this.#transactions.rollback(transaction)
    return {}
  }

  commit({ writes = [], transaction }: CommitRequest): object {
    if (transaction !== undefined && transaction.length > 0) {
      this.#transactions.end(transaction, (name) => this.store.get(name))
    }
    const { results, time } = this.store.commit(writes)
    return { writeResults: results, commitTime: time }
  }

  /** Each write by itself: some may fail. */
  batchWrite({ writes = [] }: CommitRequest): object {
    const outcomes = writes.map((write) => this.#writeOne(write))
    return { writeResults: outcomes.map(({ result }) => result), status: outcomes.map(({ status }) => status) }
  }

  batchGetDocuments(request: BatchGetRequest): ReadResult[] {
    const { transaction, results } = this.#begin(request)
    const readTime = this.store.nextTime()
    for (const name of request.documents ?? []) {
      const found = this.store.get(name)
      if (transaction !== undefined) this.#transactions.sawDocument(transaction, name, found)
      results.push(found === undefined ? { missing: name, readTime } : { found, readTime })
    }
    return results
  }

  runQuery(request: RunQueryRequest): ReadResult[] {
    const { parent, structuredQuery: query = {} } = request
    const [from] = query.from ?? []
    if (from?.collectionId === undefined || from.allDescendants === true) {
      throw new Refusal('UNIMPLEMENTED', 'only queries of one collection are simulated')
    }
    const { collectionId } = from
    if (this.#options.requireIndexes) this.indexes.check(query)
    const run = () => selectDocuments(query, this.store.list(parent, collectionId))
    const { transaction, results } = this.#begin(request)
    const readTime = this.store.nextTime()
    const documents = run()
    if (transaction !== undefined) this.#transactions.sawQuery(transaction, run)
    results.push(...documents.map((document) => ({ document, readTime })))
    return documents.length === 0 ? [...results, { readTime }] : results
  }

  createIndex({ parent, index }: { readonly parent: string; readonly index: Index }): object {
    this.indexes.create(parent.split('/').at(-1) ?? '', index)
    return { name: `${parent.split('/').slice(0, 4).join('/')}/operations/index`, done: false }
  }

  /** A new transaction is told in the first answer. */
  #begin({ transaction, newTransaction, readTime }: Consistency): { transaction?: Buffer; results: ReadResult[] } {
    if (readTime !== undefined) throw new Refusal('UNIMPLEMENTED', 'reads of the past are not simulated')
    if (transaction !== undefined) return { transaction, results: [] }
    if (newTransaction === undefined) return { results: [] }
    const begun = this.#transactions.begin()
    return { transaction: begun, results: [{ transaction: begun, readTime: this.store.nextTime() }] }
  }

  #writeOne(write: Write): { result: object; status: object } {
    try {
      const [result = {}] = this.store.commit([write]).results
      return { result, status: { code: 0 } }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return { result: {}, status: { code: error.code, message: error.details } }
    }
  }
}
