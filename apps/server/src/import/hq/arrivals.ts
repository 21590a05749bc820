type Waiting<T> = {
  readonly resolve: (result: IteratorResult<T, undefined>) => void
  readonly reject: (error: unknown) => void
}
type Ending = { readonly error?: unknown }

/** Hands on what arrives, in that order, to any number of takers, each arrival to one of them. */
export class Arrivals<T> implements AsyncIterableIterator<T, undefined> {
  readonly #there: T[] = []
  readonly #waiting: Waiting<T>[] = []
  #ending: Ending | undefined

  add(value: T): void {
    const taker = this.#waiting.shift()
    if (taker) taker.resolve({ done: false, value })
    else this.#there.push(value)
  }

  /** Nothing else will come: takers get the rest, then their end, or the error. */
  end(ending: Ending = {}): void {
    this.#ending ??= ending
    for (const taker of this.#waiting.splice(0)) settle(taker, this.#ending)
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return new Promise((resolve, reject) => {
      if (this.#there.length > 0) resolve({ done: false, value: this.#there.shift() as T })
      else if (this.#ending) settle({ resolve, reject }, this.#ending)
      else this.#waiting.push({ resolve, reject })
    })
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}

function settle<T>({ resolve, reject }: Waiting<T>, { error }: Ending): void {
  if (error === undefined) resolve({ done: true, value: undefined })
  else reject(error)
}
