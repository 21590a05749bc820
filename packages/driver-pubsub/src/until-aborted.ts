/** Why {@link untilAborted} gave up. */
export class Aborted extends Error {
  override readonly name = 'Aborted'
}

/** The promise's outcome; once the signal aborts, a rejection with {@link Aborted} at once, after `giveUp` was called. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal, giveUp: () => void = () => {}): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      giveUp()
      reject(new Aborted('the signal aborted'))
    }
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  })
}
