import type { StateStore } from '@eds/core'
import type { RootDatabase } from 'lmdb'
import { closedError, stateError } from './errors.js'
import { childPath, type Entry, type NamespacePath, readRecord, storedKey, storedValue } from './record.js'
import type { Snapshots } from './snapshots.js'

/** What all namespaces of one store share. */
export interface StoreParts {
  readonly database: RootDatabase<Buffer, Buffer>
  readonly snapshots: Snapshots
  readonly directory: string
  readonly commits: CommitPlace
}

/** Where a commit waits for the disk: in the event loop, or in a thread of LMDB. */
export type CommitPlace = 'inline' | 'background'

type StoredChange = readonly [key: Buffer, value: Buffer | undefined]

/** The entries of one namespace. */
export class LmdbNamespace implements StateStore {
  readonly #parts: StoreParts
  readonly #path: NamespacePath

  constructor(parts: StoreParts, path: NamespacePath) {
    this.#parts = parts
    this.#path = path
  }

  async get(key: string): Promise<string | undefined> {
    const { database, directory } = this.#openParts()
    try {
      const stored = storedKey(this.#path, key)
      const value = database.get(stored)
      return value === undefined ? undefined : readRecord(this.#path, { key: stored, value })[1]
    } catch (error) {
      throw stateError(error, directory)
    }
  }

  entries(prefix: string): AsyncIterable<Entry> {
    return this.#parts.snapshots.entries(this.#path, prefix)
  }

  async write(changes: Readonly<Record<string, string | undefined>>): Promise<void> {
    const { database, directory, commits } = this.#openParts()
    const stored = Object.entries(changes).map(([key, value]) => this.#stored(key, value))
    if (stored.length === 0) return
    try {
      if (commits === 'inline') commitInline(database, stored)
      else await commitInBackground(database, stored)
    } catch (error) {
      throw stateError(error, directory)
    }
  }

  namespace(name: string): StateStore {
    return new LmdbNamespace(this.#parts, childPath(this.#path, name))
  }

  #stored(key: string, value: string | undefined): StoredChange {
    return [storedKey(this.#path, key), value === undefined ? undefined : storedValue(key, value)]
  }

  #openParts(): StoreParts {
    if (this.#parts.snapshots.closed) throw closedError(this.#parts.directory)
    return this.#parts
  }
}

function commitInline(database: RootDatabase<Buffer, Buffer>, changes: readonly StoredChange[]): void {
  database.transactionSync(() => {
    for (const [key, value] of changes) {
      if (value === undefined) database.removeSync(key)
      else database.putSync(key, value)
    }
  })
}

/** Writes that are called for while a commit is under way may become one commit, together. */
async function commitInBackground(
  database: RootDatabase<Buffer, Buffer>,
  changes: readonly StoredChange[],
): Promise<void> {
  try {
    await database.batch(() => {
      for (const [key, value] of changes) {
        // What becomes of the whole batch is what its own promise tells.
        if (value === undefined) void database.remove(key)
        else void database.put(key, value)
      }
    })
  } catch (error) {
    throw await causeOf(error)
  }
}

/** LMDB rejects each write with an error that only leads to the one that says why. */
async function causeOf(error: unknown): Promise<unknown> {
  const cause = typeof error === 'object' && error !== null && 'commitError' in error ? error.commitError : undefined
  return Promise.resolve(cause).then(
    () => error,
    (reason: unknown) => reason,
  )
}
