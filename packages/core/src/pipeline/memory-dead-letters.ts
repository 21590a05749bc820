import type { Position } from '../position.js'
import { systemClock } from '../system-clock.js'
import type { DeadLetter, DeadLetterLog, DeadLetterStore } from './dead-letter.js'
import { isWaiting } from './dead-letter-index.js'

/** Dead letters that are gone with the process: for tests. A sink that is opened again finds what it had. */
export function memoryDeadLetters(): DeadLetterStore {
  const logs = new Map<string, Map<Position, DeadLetter>>()
  return {
    open: async (sink) => {
      const letters = logs.get(sink) ?? new Map<Position, DeadLetter>()
      logs.set(sink, letters)
      return logOf(letters)
    },
  }
}

function logOf(letters: Map<Position, DeadLetter>): DeadLetterLog {
  return {
    append: async (fresh) => {
      for (const letter of fresh) {
        const known = letters.get(letter.id)
        if (!known || !isWaiting(known.status))
          letters.set(letter.id, { ...letter, bytes: Uint8Array.from(letter.bytes) })
      }
    },
    mark: async (ids, status, failure) => {
      for (const id of ids) {
        const known = letters.get(id)
        if (known && isWaiting(known.status))
          letters.set(id, { ...known, status, ...(failure && { ...failure, triedAt: systemClock.now() }) })
      }
    },
    async *list({ status } = {}) {
      const found = [...letters.values()].filter((letter) => status?.includes(letter.status) ?? true)
      yield* found.sort((left, right) => (left.id < right.id ? -1 : left.id > right.id ? 1 : 0))
    },
    close: async () => {},
  }
}
