import { isDeepStrictEqual } from 'node:util'
import type { StateStore } from '@eds/core'
import { type ConformanceCase, unless } from './conformance/conformance-case.js'
import { type RegisterOptions, registerCases } from './conformance/register.js'
import { demand } from './conformance/violation.js'

/** A store under test. */
export interface StateStoreSubject {
  readonly store: StateStore
  /** Gives the same store back after its process ended, for stores that outlive it. The old `store` is not used any more. */
  reopen?(): Promise<StateStore>
  close(): Promise<void>
}

/**
 * Checks the promises of {@link StateStore}, with keys and names as hostile as text can be. Call it at the top of a Vitest file.
 *
 * @param open gives an empty store; called once per case.
 */
export function testStateStore(
  title: string,
  open: () => Promise<StateStoreSubject>,
  options: RegisterOptions = {},
): void {
  registerCases(title, stateStoreCases, open, options)
}

type StateStoreCase = ConformanceCase<StateStoreSubject>

/** Sorted by code unit. Escapes, separators, halves of surrogate pairs, names of object members, what is too long for an index. */
const hostileTexts: readonly string[] = [
  '',
  '\u0000',
  '\u0000\u0000',
  '%2F',
  '..',
  '/',
  'a',
  'a\u0000',
  'a/b',
  'a:b',
  '__proto__',
  'constructor',
  'x'.repeat(1_399),
  'x'.repeat(1_400),
  'x'.repeat(1_401),
  `${'x'.repeat(3_000)}a`,
  `${'x'.repeat(3_000)}b`,
  'ä',
  '\u{1f600}',
  '\u{1f600}b',
  '\ud83d\ud83d',
  '\ude00\ud83d',
  '\uff5e',
  '\uffff',
].sort()

const everyKey = Object.fromEntries(hostileTexts.map((text, index) => [text, `${index}`]))

async function allEntries(store: StateStore, prefix = ''): Promise<[string, string][]> {
  const found: [string, string][] = []
  for await (const [key, value] of store.entries(prefix)) found.push([key, value])
  return found
}

async function demandEntries(
  store: StateStore,
  prefix: string,
  expected: readonly (readonly string[])[],
): Promise<void> {
  const found = await allEntries(store, prefix)
  demand(
    isDeepStrictEqual(found, expected),
    () => `entries(${JSON.stringify(prefix)}) gave ${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`,
  )
}

async function demandValue(store: StateStore, key: string, expected: string | undefined): Promise<void> {
  const value = await store.get(key)
  demand(value === expected, () => {
    return `get(${JSON.stringify(key)}) gave ${JSON.stringify(value)} instead of ${JSON.stringify(expected)}`
  })
}

/** For stores whose cases are run in another way than by {@link testStateStore}. */
export const stateStoreCases: readonly StateStoreCase[] = [
  {
    name: 'get: a key that was never written is absent',
    run: ({ store }) => demandValue(store, 'key', undefined),
  },
  {
    name: 'write: what was written is there, the last value counts, undefined deletes',
    async run({ store }) {
      await store.write({ kept: 'first', gone: 'first', empty: '' })
      await store.write({ kept: 'second', gone: undefined, never: undefined })
      await store.write({})
      await demandEntries(store, '', [
        ['empty', ''],
        ['kept', 'second'],
      ])
      await demandValue(store, 'gone', undefined)
    },
  },
  {
    name: 'write: calls apply in the order in which they were made',
    async run({ store }) {
      await Promise.all(Array.from({ length: 100 }, (_, index) => store.write({ key: `${index}` })))
      await demandValue(store, 'key', '99')
    },
  },
  {
    name: 'write: nobody sees half of the changes',
    async run({ store }) {
      const writing = Array.from({ length: 50 }, (_, index) => store.write({ left: `${index}`, right: `${index}` }))
      const reading = writing.map(async (written) => {
        const [left, right] = await allEntries(store)
        demand(left?.[1] === right?.[1], () => `left is ${left?.[1]} while right is ${right?.[1]}`)
        await written
      })
      await Promise.all(reading)
    },
  },
  {
    name: 'keys: any text is a key, and stays distinct',
    async run({ store }) {
      await store.write(everyKey)
      for (const [index, text] of hostileTexts.entries()) await demandValue(store, text, `${index}`)
      await store.write(Object.fromEntries(hostileTexts.map((text) => [text, undefined])))
      await demandEntries(store, '', [])
    },
  },
  {
    name: 'values: any text comes back unchanged',
    async run({ store }) {
      const values = [...hostileTexts, 'ä\u{1f600}'.repeat(300_000)]
      await store.write(Object.fromEntries(values.map((value, index) => [`${index}`, value])))
      for (const [index, value] of values.entries()) await demandValue(store, `${index}`, value)
    },
  },
  {
    name: 'entries: in key order by code unit',
    async run({ store }) {
      for (const text of hostileTexts.toReversed()) await store.write({ [text]: 'value' })
      await demandEntries(
        store,
        '',
        hostileTexts.map((text) => [text, 'value']),
      )
    },
  },
  {
    name: 'entries: those whose key starts with the prefix, and no others',
    async run({ store }) {
      await store.write(everyKey)
      for (const prefix of [...hostileTexts, 'x', 'x'.repeat(2_000), '\ud83d']) {
        const expected = Object.entries(everyKey).filter(([key]) => key.startsWith(prefix))
        await demandEntries(
          store,
          prefix,
          expected.sort(([left], [right]) => (left < right ? -1 : 1)),
        )
      }
    },
  },
  {
    name: 'entries: a snapshot, whatever is written while it is read',
    async run({ store }) {
      const before = Array.from({ length: 1_000 }, (_, index) => [`${index + 1_000}`, 'before'] as const)
      await store.write(Object.fromEntries(before))
      const found: [string, string][] = []
      for await (const [key, value] of store.entries('')) {
        if (found.length === 0)
          await store.write({ '1500': undefined, '1600': 'after', '1600a': 'after', '9': 'after' })
        found.push([key, value])
      }
      demand(isDeepStrictEqual(found, before), 'a write made while entries were read changed what they gave')
      await demandValue(store, '1600a', 'after')
    },
  },
  {
    name: 'entries: reading may stop early',
    async run({ store }) {
      await store.write({ a: '1', b: '2' })
      for await (const [key] of store.entries('')) {
        demand(key === 'a', `the first entry is ${key}`)
        break
      }
      await store.write({ b: '3' })
      await demandValue(store, 'b', '3')
    },
  },
  {
    name: 'namespace: sees only its own entries, and nobody else sees them',
    async run({ store }) {
      const places = namespacesOf(store)
      for (const [index, place] of places.entries()) await place.write({ key: `${index}`, [`own ${index}`]: '' })
      for (const [index, place] of places.entries()) {
        await demandEntries(place, '', [
          ['key', `${index}`],
          [`own ${index}`, ''],
        ])
      }
    },
  },
  {
    name: 'namespace: the same name is the same place',
    async run({ store }) {
      for (const name of hostileTexts) {
        await store
          .namespace(name)
          .namespace(name)
          .write({ [name]: name })
        await demandValue(store.namespace(name).namespace(name), name, name)
      }
    },
  },
  {
    name: 'reopen: what was written is still there',
    skip: ({ reopen }) => unless(reopen !== undefined, 'the store does not outlive its process'),
    async run(subject) {
      await subject.store.write(everyKey)
      await subject.store.namespace('place').write({ key: 'value' })
      const store = (await subject.reopen?.()) ?? subject.store
      await demandEntries(
        store,
        '',
        hostileTexts.map((text, index) => [text, `${index}`]),
      )
      await demandValue(store.namespace('place'), 'key', 'value')
    },
  },
]

/** The store and namespaces whose names, joined in one way or another, would be the same. */
function namespacesOf(store: StateStore): StateStore[] {
  const single = hostileTexts.map((name) => store.namespace(name))
  const nested = ['', 'a', '/', 'x'.repeat(3_000)].flatMap((outer) =>
    ['', 'b', '/b', 'x'.repeat(3_000)].map((inner) => store.namespace(outer).namespace(inner)),
  )
  return [store, ...single, ...nested, store.namespace('a').namespace('b').namespace('c')]
}
