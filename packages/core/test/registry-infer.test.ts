import { describe, expect, it } from 'vitest'
import { ExactNumber, inferRegistry, type Row } from '../src/index.js'
import { makeEvent } from './events.js'

const { signal } = new AbortController()

async function typesAfter(...rows: Row[]): Promise<Record<string, string>> {
  const registry = inferRegistry()
  for (const after of rows) await registry.get('order', 'v1', makeEvent({ after }), signal)
  const { properties = {} } = (await registry.latest(signal)).get('order') ?? {}
  return Object.fromEntries(Object.entries(properties).map(([name, { type }]) => [name, type]))
}

describe('inferRegistry', () => {
  it('tells the types of values', async () => {
    const row = {
      id: 'a',
      text: '2024-01-01T00:00:00Z',
      count: 3,
      big: new ExactNumber('9007199254740993'),
      power: 2 ** 53,
      price: 1.5,
      long: new ExactNumber('0.12345678901234567'),
      huge: 1e300,
      yes: true,
      list: [1],
      tree: { a: 1 },
      nothing: null,
    }
    expect(await typesAfter(row)).toEqual({
      id: 'string',
      text: 'string',
      count: 'integer',
      big: 'integer',
      power: 'integer',
      price: 'number',
      long: 'number',
      huge: 'number',
      yes: 'boolean',
      list: 'array',
      tree: 'object',
    })
  })

  it('only ever adds columns, and widens integers to numbers', async () => {
    expect(
      await typesAfter({ id: 1, a: 1, b: 'x' }, { id: 2, a: 1.5, c: null }, { id: 3, a: 1, b: 5, c: true }),
    ).toEqual({
      id: 'integer',
      a: 'number',
      b: 'string',
      c: 'boolean',
    })
  })

  it('learns from the old image too, and columns of any name', async () => {
    const registry = inferRegistry()
    const before = Object.fromEntries([
      ['id', '1'],
      ['constructor', 'x'],
      ['__proto__', 1],
    ])
    const schema = await registry.get('order', 'v9', makeEvent({ operation: 'DELETE', before }), signal)
    expect(schema).toMatchObject({
      table: 'order',
      modelVersion: 'v9',
      primaryKeys: ['id'],
      required: ['id'],
      open: true,
    })
    expect(Object.keys(schema?.properties ?? {}).sort()).toEqual(['__proto__', 'constructor', 'id'])
  })

  it('takes the key of a delete without an image', async () => {
    const schema = await inferRegistry().get('order', 'v1', makeEvent({ operation: 'DELETE' }), signal)
    expect(schema?.properties).toEqual({ id: { type: 'string' } })
  })

  it('leaves tables whose key it cannot tell to be declared', async () => {
    const registry = inferRegistry()
    expect(await registry.get('order', 'v1', makeEvent({ after: { code: 'x' } }), signal)).toBeUndefined()
    const composite = makeEvent({ key: ['region', '1', '2'], after: { id: 1 } })
    expect(await registry.get('line', 'v1', composite, signal)).toBeUndefined()
    expect(await registry.latest(signal)).toEqual(new Map())
  })
})
