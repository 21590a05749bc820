import { isEdsError, type Source, type SourceReader } from '@eds/core'

/** Remembers what failed at the source, so that it can be told from what failed at a destination. */
export class SourceWatch {
  readonly #failures = new WeakSet<object>()

  /** The same source, watched. */
  guard(source: Source): Source {
    return {
      description: source.description,
      open: async (request) => this.#watched(await this.#noting(() => source.open(request))),
      forget: (cursor) => source.forget(cursor),
      close: () => source.close(),
    }
  }

  /** Whether the source knows us and says no: the credentials have expired or were revoked. */
  refused(error: unknown): boolean {
    return isEdsError(error) && error.code === 'authentication' && this.#failures.has(error)
  }

  #watched(reader: SourceReader): SourceReader {
    const noting = <T>(action: () => Promise<T>) => this.#noting(action)
    return {
      async *[Symbol.asyncIterator]() {
        const iterator = reader[Symbol.asyncIterator]()
        for (let next = await noting(() => iterator.next()); !next.done; next = await noting(() => iterator.next())) {
          yield next.value
        }
      },
      acknowledge: (through) => reader.acknowledge(through),
      behind: () => reader.behind?.(),
      close: () => reader.close(),
    }
  }

  async #noting<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action()
    } catch (error) {
      if (typeof error === 'object' && error !== null) this.#failures.add(error)
      throw error
    }
  }
}
