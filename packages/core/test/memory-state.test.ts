import { describe, expect, it } from 'vitest'
import { memoryState, type StateStore } from '../src/index.js'

async function keys(store: StateStore, prefix = ''): Promise<string[]> {
  const found: string[] = []
  for await (const [key] of store.entries(prefix)) found.push(key)
  return found
}

describe('memoryState', () => {
  it('reads back what was written and forgets what was deleted', async () => {
    const state = memoryState()
    await state.write({ a: '1', b: '2' })
    await state.write({ a: undefined, b: '3' })
    expect(await state.get('a')).toBeUndefined()
    expect(await state.get('b')).toBe('3')
  })

  it('lists entries by prefix in code unit order', async () => {
    const state = memoryState()
    await state.write({ 'x/b': '', 'x/a': '', 'x/B': '', y: '', 'x/😀': '', 'x/\uffff': '' })
    expect(await keys(state, 'x/')).toEqual(['x/B', 'x/a', 'x/b', 'x/😀', 'x/\uffff'])
  })

  it('lists a snapshot', async () => {
    const state = memoryState()
    await state.write({ a: '1', b: '2' })
    const entries = state.entries('')
    await state.write({ a: undefined, c: '3' })
    const seen = []
    for await (const entry of entries) seen.push(entry)
    expect(seen).toEqual([
      ['a', '1'],
      ['b', '2'],
    ])
  })

  it('keeps namespaces apart whatever their names and keys', async () => {
    const state = memoryState()
    await state.write({ 'a/b': 'root', a: 'root' })
    await state.namespace('a').write({ b: 'in a', '': 'empty' })
    await state.namespace('a/').write({ b: 'in a/' })
    await state.namespace('a').namespace('b').write({ '': 'in a in b' })
    expect(await state.get('a/b')).toBe('root')
    expect(await state.namespace('a').get('b')).toBe('in a')
    expect(await state.namespace('a/').get('b')).toBe('in a/')
    expect(await state.namespace('a').namespace('b').get('')).toBe('in a in b')
    expect(await keys(state)).toEqual(['a', 'a/b'])
    expect(await keys(state.namespace('a'))).toEqual(['', 'b'])
  })

  it('takes any text as key', async () => {
    const state = memoryState()
    await state.write(Object.fromEntries([['__proto__', 'x']]))
    expect(await state.get('__proto__')).toBe('x')
    expect(await state.get('constructor')).toBeUndefined()
  })
})
