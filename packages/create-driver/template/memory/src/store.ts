import { setImmediate } from 'node:timers/promises'

/** One thing to append: a stream's name and what is to stand in it. */
export interface StoreEntry {
  readonly stream: string
  readonly bytes: Uint8Array
}

/** How the store fails, as client libraries do in their own ways. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly reason: 'unreachable' | 'denied'

  constructor(reason: StoreError['reason'], message: string) {
    super(message)
    this.reason = reason
  }
}

/** Named streams in this process: stands for your destination and its client library, and goes when they come. */
export class Store {
  /** `silent`: takes what it is sent and never answers. */
  state: 'up' | 'down' | 'silent' = 'up'
  /** Whoever logs in has to know it; empty: everybody may. */
  password = ''
  #entries: StoreEntry[] = []

  /** Rejects when the password is not the right one. */
  async login(password: string): Promise<void> {
    await this.#answer()
    if (password !== this.password) throw new StoreError('denied', 'wrong password')
  }

  /** Resolves when all entries are stored, in order. Keeps copies of them. */
  async append(entries: readonly StoreEntry[]): Promise<void> {
    await this.#answer()
    for (const { stream, bytes } of entries) this.#entries.push({ stream, bytes: Uint8Array.from(bytes) })
  }

  /** Everything that is stored now, in order. */
  async *entries(): AsyncGenerator<Uint8Array> {
    for (const { bytes } of this.#entries) yield bytes
  }

  drop(stream: string): void {
    this.#entries = this.#entries.filter((entry) => entry.stream !== stream)
  }

  async #answer(): Promise<void> {
    await setImmediate()
    if (this.state === 'down') throw new StoreError('unreachable', 'the store is down')
    if (this.state === 'silent') await new Promise(() => {})
  }
}

const stores = new Map<string, Store>()

/** The store of this name; the same for everybody in this process. */
export function storeNamed(name: string): Store {
  const store = stores.get(name) ?? new Store()
  stores.set(name, store)
  return store
}
