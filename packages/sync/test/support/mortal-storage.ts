import type { StorageChange, SyncStorage } from '../../src/index.js'

/** A storage as a process sees it that can die: then nothing that it asks is done or answered any more. */
export class MortalStorage implements SyncStorage {
  readonly #inner: SyncStorage
  #isDead = false
  /** Called after a step was stored; may kill. */
  afterCommit: (change: StorageChange) => void = () => {}

  constructor(inner: SyncStorage) {
    this.#inner = inner
  }

  get description(): string {
    return this.#inner.description
  }

  get shared(): boolean {
    return this.#inner.shared
  }

  get isDead(): boolean {
    return this.#isDead
  }

  die(): void {
    this.#isDead = true
  }

  load() {
    return this.#live(() => this.#inner.load())
  }

  commit(change: StorageChange) {
    return this.#live(async () => {
      const revision = await this.#inner.commit(change)
      if (revision !== undefined) this.afterCommit(change)
      return revision
    })
  }

  readEvents(places: Parameters<SyncStorage['readEvents']>[0]) {
    return this.#live(() => this.#inner.readEvents(places))
  }

  readFiring(name: string) {
    return this.#live(() => this.#inner.readFiring(name))
  }

  async close(): Promise<void> {}

  async #live<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isDead) return never()
    const result = await work()
    return this.#isDead ? never() : result
  }
}

function never<T>(): Promise<T> {
  return new Promise<T>(() => {})
}
