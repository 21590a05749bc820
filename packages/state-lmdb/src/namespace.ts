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
}

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
    const { database, directory } = this.#openParts()
    const records = Object.entries(changes)
    if (records.length === 0) return
    try {
      database.transactionSync(() => {
        for (const [key, value] of records) {
          if (value === undefined) database.removeSync(storedKey(this.#path, key))
          else database.putSync(storedKey(this.#path, key), storedValue(key, value))
        }
      })
    } catch (error) {
      throw stateError(error, directory)
    }
  }

  namespace(name: string): StateStore {
    return new LmdbNamespace(this.#parts, childPath(this.#path, name))
  }

  #openParts(): StoreParts {
    if (this.#parts.snapshots.closed) throw closedError(this.#parts.directory)
    return this.#parts
  }
}
