import { memoryState, type StateStore } from '@eds/core'
import { expect, it } from 'vitest'
import { ContractViolation, runCase, stateStoreCases, testStateStore } from '../src/index.js'

testStateStore('memoryState', async () => ({ store: memoryState(), close: async () => {} }))

/** A sound store with one member replaced. */
function brokenBy(change: (store: StateStore) => Partial<StateStore>): StateStore {
  const store = memoryState()
  return { ...store, ...change(store) }
}

const broken: Readonly<Record<string, { readonly store: () => StateStore; readonly fails: string }>> = {
  'keeps what was deleted': {
    store: () => brokenBy((store) => ({ write: (changes) => store.write(withoutDeletes(changes)) })),
    fails: 'write: what was written is there, the last value counts, undefined deletes',
  },
  'writes one change at a time': {
    store: () => brokenBy((store) => ({ write: (changes) => writeEach(store, changes) })),
    fails: 'write: nobody sees half of the changes',
  },
  'joins names with a slash': {
    store: () => joined(memoryState(), ''),
    fails: 'namespace: sees only its own entries, and nobody else sees them',
  },
  'orders by UTF-8': {
    store: () => brokenBy((store) => ({ entries: (prefix) => byUtf8(store, prefix) })),
    fails: 'entries: in key order by code unit',
  },
  'reads on while others write': {
    store: () => brokenBy((store) => ({ entries: (prefix) => live(store, prefix) })),
    fails: 'entries: a snapshot, whatever is written while it is read',
  },
}

it.each(Object.entries(broken))('a store that %s fails the case meant for it', async (_, { store, fails }) => {
  const conformanceCase = stateStoreCases.find(({ name }) => name === fails)!
  const result = await runCase(conformanceCase, async () => ({ store: store(), close: async () => {} }))
  expect(result).toMatchObject({ outcome: 'broken', error: expect.any(ContractViolation) })
})

function withoutDeletes(changes: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(changes).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}

async function writeEach(store: StateStore, changes: Readonly<Record<string, string | undefined>>): Promise<void> {
  for (const [key, value] of Object.entries(changes)) await store.write({ [key]: value })
}

function joined(store: StateStore, path: string): StateStore {
  return {
    get: (key) => store.get(path + key),
    entries: async function* (prefix) {
      for await (const [key, value] of store.entries(path + prefix)) yield [key.slice(path.length), value] as const
    },
    write: (changes) =>
      store.write(Object.fromEntries(Object.entries(changes).map(([key, value]) => [path + key, value]))),
    namespace: (name) => joined(store, `${path}${name}/`),
  }
}

async function* byUtf8(store: StateStore, prefix: string): AsyncGenerator<readonly [string, string]> {
  const entries: (readonly [string, string])[] = []
  for await (const entry of store.entries(prefix)) entries.push(entry)
  yield* entries.sort(([left], [right]) => Buffer.compare(Buffer.from(left), Buffer.from(right)))
}

async function* live(store: StateStore, prefix: string): AsyncGenerator<readonly [string, string]> {
  for await (const [key] of store.entries(prefix)) {
    const value = await store.get(key)
    if (value !== undefined) yield [key, value]
  }
}
