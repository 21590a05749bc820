import type { StateStore } from './runtime.js'

/** A state store that forgets everything with the process: for tests, and for pipelines that may start again from their source. */
export function memoryState(): StateStore {
  const values = new Map<string, string>()
  const namespaces = new Map<string, StateStore>()
  return {
    async get(key) {
      return values.get(key)
    },
    entries(prefix) {
      return iterate([...values].filter(([key]) => key.startsWith(prefix)).sort(byKey))
    },
    async write(changes) {
      for (const [key, value] of Object.entries(changes)) {
        if (value === undefined) values.delete(key)
        else values.set(key, value)
      }
    },
    namespace(name) {
      const known = namespaces.get(name) ?? memoryState()
      namespaces.set(name, known)
      return known
    },
  }
}

async function* iterate<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items
}

function byKey([left]: readonly [string, string], [right]: readonly [string, string]): number {
  return left < right ? -1 : left > right ? 1 : 0
}
