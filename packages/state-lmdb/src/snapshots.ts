import type { RootDatabase, Transaction } from 'lmdb'
import { closedError, stateError } from './errors.js'
import {
  areLongNeighbours,
  type Entry,
  type NamespacePath,
  readRecord,
  recordRange,
  type StoredRecord,
} from './record.js'

/** Records fetched at a time: a snapshot may be large, what is held of it is not. */
const pageSize = 256

/** Reads of many entries, each from one unchanging view of the store. */
export class Snapshots {
  readonly #database: RootDatabase<Buffer, Buffer>
  readonly #directory: string
  readonly #open = new Set<Transaction>()
  #closed = false

  constructor(database: RootDatabase<Buffer, Buffer>, directory: string) {
    this.#database = database
    this.#directory = directory
  }

  /** Entries in key order. The view is that of the moment in which the first one is asked for. */
  async *entries(path: NamespacePath, prefix: string): AsyncGenerator<Entry> {
    if (this.#closed) throw closedError(this.#directory)
    let transaction: Transaction | undefined
    try {
      transaction = this.#begin()
      for (const entry of inKeyOrder(path, this.#records(transaction, recordRange(path, prefix)))) {
        if (entry[0].startsWith(prefix)) yield entry
      }
    } catch (error) {
      throw stateError(error, this.#directory)
    } finally {
      if (transaction !== undefined) this.#end(transaction)
    }
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Ends every snapshot: LMDB must not be closed under one. */
  close(): void {
    this.#closed = true
    for (const transaction of this.#open) this.#end(transaction)
  }

  #begin(): Transaction {
    const transaction = this.#database.useReadTransaction()
    this.#open.add(transaction)
    return transaction
  }

  #end(transaction: Transaction): void {
    if (this.#open.delete(transaction)) transaction.done()
  }

  *#records(
    transaction: Transaction,
    range: { readonly start: Buffer; readonly end: Buffer },
  ): Generator<StoredRecord> {
    let start = range.start
    let page: StoredRecord[]
    do {
      if (this.#closed) throw closedError(this.#directory)
      const exclusiveStart = start !== range.start
      page = [...this.#database.getRange({ start, end: range.end, exclusiveStart, limit: pageSize, transaction })]
      yield* page
      start = page.at(-1)?.key ?? start
    } while (page.length === pageSize)
  }
}

/** Decodes records. Keys too long for LMDB that begin alike are put in order here. */
function* inKeyOrder(path: NamespacePath, records: Iterable<StoredRecord>): Generator<Entry> {
  let neighbours: StoredRecord[] = []
  for (const record of records) {
    const last = neighbours.at(-1)
    if (last !== undefined && !areLongNeighbours(path, last, record)) {
      yield* sorted(path, neighbours)
      neighbours = []
    }
    neighbours.push(record)
  }
  yield* sorted(path, neighbours)
}

function sorted(path: NamespacePath, records: readonly StoredRecord[]): Entry[] {
  const entries = records.map((record) => readRecord(path, record))
  return entries.sort(([left], [right]) => (left < right ? -1 : 1))
}
