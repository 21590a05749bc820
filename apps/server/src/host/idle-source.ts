import type { Source } from '@eds/core'

/** A source that brings nothing and does not end before it is closed: for work on a sink that is not delivery. */
export function idleSource(): Source {
  return {
    description: 'nothing',
    async open() {
      const closed = new AbortController()
      return {
        async *[Symbol.asyncIterator]() {
          await new Promise<void>((resolve) => closed.signal.addEventListener('abort', () => resolve(), { once: true }))
        },
        async acknowledge() {},
        async close() {
          closed.abort()
        },
      }
    },
    async forget() {},
    async close() {},
  }
}
