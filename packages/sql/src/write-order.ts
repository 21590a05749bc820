import { EdsError } from '@eds/core'

/**
 * Lets overlapping calls prepare at the same time and act one after the other, in call order. When one fails, those that are open
 * behind it fail too, without having acted.
 */
export class WriteOrder {
  readonly #product: string
  /** Of every open call, in call order: settles with whether it went well. */
  readonly #open: Promise<boolean>[] = []

  /** `product`: for messages. */
  constructor(product: string) {
    this.#product = product
  }

  /**
   * `act` runs when the calls before this one have gone well. `isClean` tells from its result whether those behind may go on.
   *
   * @throws EdsError `connection` when a call before this one did not go well, or the signal aborts while it waits.
   */
  async run<T>(act: () => Promise<T>, isClean: (result: T) => boolean, signal: AbortSignal): Promise<T> {
    const ahead = this.#open.at(-1)
    let settle: (clean: boolean) => void = () => {}
    const own = new Promise<boolean>((resolve) => {
      settle = resolve
    })
    this.#open.push(own)
    let clean = false
    try {
      if (ahead !== undefined && !(await beforeAbort(ahead, signal))) {
        throw new EdsError('connection', `${this.#product}: not applied, because a batch before it failed`)
      }
      const result = await act()
      clean = isClean(result)
      return result
    } finally {
      settle(clean)
      this.#open.splice(this.#open.indexOf(own), 1)
    }
  }
}

/** What `ahead` resolves to, or false as soon as the signal aborts. */
async function beforeAbort(ahead: Promise<boolean>, signal: AbortSignal): Promise<boolean> {
  let onAbort = () => {}
  const aborted = new Promise<boolean>((resolve) => {
    onAbort = () => resolve(false)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([ahead, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
