import { type ChangeEvent, decodeEvent, inferRegistry, primaryKeyOf, staticRegistry, type TableSchema } from '@eds/core'
import { describe, expect, it } from 'vitest'
import { inferredTables, keyProblems } from '../../src/config/key-problems.js'
import { reshapeStage } from '../../src/config/reshape-event.js'
import { reshapedRegistry } from '../../src/config/reshaped-registry.js'
import type { FilterConfig, TransformConfig } from '../../src/config/schema.js'
import { matches } from '../../src/config/table-filter.js'
import { shapesOf } from '../../src/config/table-shape.js'

function eventOf(fields: Readonly<Record<string, unknown>> = {}): ChangeEvent {
  const wire = {
    operation: 'UPDATE',
    id: 'e1',
    table: 'customer',
    key: ['region', 'c1'],
    modelVersion: 'v1',
    companyId: 'acme',
    before: { id: 'c1', name: 'Ann', email: 'old@example.com', age: 40 },
    after: { id: 'c1', name: 'Ann', email: 'new@example.com', age: 41 },
    diff: ['email', 'age'],
    timestamp: 1_720_000_000_000,
    mvccTimestamp: '1720000000000000000.0000000000',
    later: 'a field that nobody knows',
    ...fields,
  }
  return decodeEvent({ position: '1', bytes: Buffer.from(JSON.stringify(wire)), time: 1 })
}

function reshape(event: ChangeEvent, transforms: readonly TransformConfig[], filters: readonly FilterConfig[] = []) {
  return reshapeStage({ filters, shapes: shapesOf(transforms), hashKey: 'k' })(event)
}

describe('matches', () => {
  it.each([
    ['order', 'order', true],
    ['order', 'order_item', false],
    ['order*', 'order_item', true],
    ['*_item', 'order_item', true],
    ['o*r_*m', 'order_item', true],
    ['*', 'anything', true],
    ['ab*ba', 'aba', false],
    ['a*b*a', 'aba', true],
    ['a*bb*a', 'aba', false],
    ['a.c', 'abc', false],
  ])('%s, %s: %s', (pattern, name, expected) => {
    expect(matches(pattern, name)).toBe(expected)
  })
})

describe('filters', () => {
  it.each<[string, FilterConfig[], boolean]>([
    ['nothing', [], true],
    ['an included table', [{ tables: { include: ['cust*'] } }], true],
    ['a table that is not included', [{ tables: { include: ['order'] } }], false],
    ['an excluded table', [{ tables: { exclude: ['customer'] } }], false],
    ['one that is both', [{ tables: { include: ['*'], exclude: ['cust*'] } }], false],
    ['one that only one filter includes', [{ tables: { include: ['*'] } }, { tables: { include: ['order'] } }], false],
    ['a company', [{ companies: ['acme', 'other'] }], true],
    ['another company', [{ companies: ['other'] }], false],
  ])('%s', (_name, filters, passes) => {
    const event = eventOf()
    expect(reshape(event, [], filters)).toBe(passes ? event : undefined)
  })

  it('holds back events without a company where companies are asked for', () => {
    expect(reshape(eventOf({ companyId: undefined }), [], [{ companies: ['acme'] }])).toBeUndefined()
  })
})

describe('transforms', () => {
  it.each<[string, TransformConfig[], Readonly<Record<string, unknown>>]>([
    [
      'leave columns out',
      [{ table: 'customer', columns: { exclude: ['email', 'none'] } }],
      {
        table: 'customer',
        before: { id: 'c1', name: 'Ann', age: 40 },
        after: { id: 'c1', name: 'Ann', age: 41 },
        diff: ['age'],
      },
    ],
    [
      'keep the columns named',
      [{ table: 'cust*', columns: { include: ['id', 'email'] } }],
      {
        before: { id: 'c1', email: 'old@example.com' },
        after: { id: 'c1', email: 'new@example.com' },
        diff: ['email'],
      },
    ],
    [
      'rename tables and columns',
      [{ table: 'customer', rename: 'people', columns: { rename: { email: 'mail', id: 'key' } } }],
      {
        table: 'people',
        before: { key: 'c1', name: 'Ann', mail: 'old@example.com', age: 40 },
        after: { key: 'c1', name: 'Ann', mail: 'new@example.com', age: 41 },
        diff: ['mail', 'age'],
      },
    ],
    [
      'let columns change names',
      [{ table: 'customer', columns: { rename: { email: 'name', name: 'email' } } }],
      { after: { id: 'c1', email: 'Ann', name: 'new@example.com', age: 41 }, diff: ['name', 'age'] },
    ],
    [
      'put a renamed column in the place of another',
      [{ table: 'customer', columns: { rename: { email: 'name' } } }],
      { after: { id: 'c1', name: 'new@example.com', age: 41 }, diff: ['name', 'age'] },
    ],
    [
      'mask any value',
      [{ table: '*', columns: { mask: ['email', 'age'] } }],
      {
        before: { id: 'c1', name: 'Ann', email: '***', age: '***' },
        after: { id: 'c1', name: 'Ann', email: '***', age: '***' },
      },
    ],
    [
      'hold all at once',
      [
        { table: '*', columns: { mask: ['email'] } },
        { table: 'customer', rename: 'first' },
        { table: 'customer', rename: 'second', columns: { exclude: ['age'], rename: { email: 'mail' } } },
        { table: 'order', columns: { exclude: ['name'] } },
      ],
      { table: 'second', after: { id: 'c1', name: 'Ann', mail: '***' }, diff: ['mail'] },
    ],
  ])('%s', (_name, transforms, expected) => {
    const event = reshape(eventOf(), transforms)
    expect(event).toMatchObject(expected)
    const { position: _, bytes, rowKey: __, ...fields } = event as ChangeEvent
    expect(JSON.parse(Buffer.from(bytes).toString())).toEqual({ ...fields, later: 'a field that nobody knows' })
    expect(Object.keys(event?.after ?? {}).sort()).toEqual(
      Object.keys((expected.after ?? event?.after) as object).sort(),
    )
  })

  it('hash such that equal values stay equal, by the key alone, and null stays null', () => {
    const rules: TransformConfig[] = [{ table: '*', columns: { hash: ['email', 'age'] } }]
    const event = eventOf({ before: { id: 'c1', email: 'x', age: null }, after: { id: 'c1', email: 'x', age: 12 } })
    const { before, after } = reshape(event, rules) ?? {}
    expect(before?.email).toMatch(/^[0-9a-f]{64}$/)
    expect(after?.email).toBe(before?.email)
    expect(before?.age).toBeNull()
    expect(after?.age).not.toBe(12)
    const other = reshapeStage({ filters: [], shapes: shapesOf(rules), hashKey: 'other' })(event)
    expect(other?.after?.email).not.toBe(after?.email)
  })

  it('leave nothing of a masked value in the bytes', () => {
    const event = reshape(eventOf(), [{ table: 'customer', columns: { mask: ['email'], exclude: ['name'] } }])
    const text = Buffer.from(event?.bytes ?? []).toString()
    expect(text).not.toContain('example.com')
    expect(text).not.toContain('Ann')
  })

  it('leave numbers exact and tell the same rows apart', () => {
    const text = Buffer.from(eventOf().bytes).toString().replace('"age":41', '"age":12345678901234567890')
    const event = decodeEvent({ position: '1', bytes: Buffer.from(text), time: 1 })
    const reshaped = reshape(event, [{ table: 'customer', columns: { rename: { age: 'years' }, mask: ['email'] } }])
    expect(Buffer.from(reshaped?.bytes ?? []).toString()).toContain('"years":12345678901234567890')
    expect(reshaped?.rowKey).toBe(event.rowKey)
  })

  it('pass tables that no rule names on untouched', () => {
    const event = eventOf({ table: 'order' })
    expect(reshape(event, [{ table: 'customer', columns: { mask: ['email'] } }])).toBe(event)
  })

  it('refuse rows of a table whose name another one takes, unless it is renamed, too', () => {
    const taking: TransformConfig[] = [{ table: 'customer', rename: 'order' }]
    expect(() => reshape(eventOf({ table: 'order' }), taking)).toThrow(/mixed with "customer"/)
    const swapped = [...taking, { table: 'order', rename: 'customer' }]
    expect(reshape(eventOf({ table: 'order' }), swapped)?.table).toBe('customer')
  })
})

const schema: TableSchema = {
  table: 'customer',
  modelVersion: 'v1',
  primaryKeys: ['id'],
  required: ['id', 'name'],
  properties: {
    id: { type: 'string' },
    name: { type: 'string' },
    age: { type: 'integer', nullable: true },
    email: { type: 'string', format: 'email' },
  },
}
const { signal } = new AbortController()

describe('the registry of a sink with transforms', () => {
  it('tells tables and columns as the destination has them', async () => {
    const shapes = shapesOf([
      { table: 'customer', rename: 'people', columns: { exclude: ['name'], rename: { id: 'key' }, mask: ['age'] } },
    ])
    const registry = reshapedRegistry(staticRegistry([schema, { ...schema, table: 'secret' }]), shapes, [
      { tables: { exclude: ['secret'] } },
    ])
    const expected = {
      table: 'people',
      modelVersion: 'v1',
      primaryKeys: ['key'],
      required: ['key'],
      properties: { key: { type: 'string' }, age: { type: 'string', nullable: true }, email: schema.properties.email },
    }
    expect(await registry.get('people', 'v1', eventOf({ table: 'people' }), signal)).toEqual(expected)
    expect(await registry.get('nobody', 'v1', eventOf({ table: 'nobody' }), signal)).toBeUndefined()
    expect(await registry.latest(signal)).toEqual(new Map([['people', expected]]))
  })

  it('infers from what is left of the rows', async () => {
    const rules: TransformConfig[] = [
      {
        table: 'customer',
        rename: 'people',
        columns: { exclude: ['name'], rename: { id: 'key', age: 'years' }, mask: ['email'] },
      },
    ]
    const event = reshape(eventOf(), rules) as ChangeEvent
    const found = await reshapedRegistry(inferRegistry(), shapesOf(rules), []).get('people', 'v1', event, signal)
    expect(found?.primaryKeys).toEqual(['key'])
    expect(Object.keys(found?.properties ?? {}).sort()).toEqual(['email', 'key', 'years'])
    expect(primaryKeyOf(event, found?.primaryKeys ?? [])).toEqual(['c1'])
  })
})

describe('keyProblems', () => {
  it.each<[string, TransformConfig[], RegExp | undefined]>([
    [
      'an excluded key',
      [{ table: 'customer', columns: { exclude: ['id'] } }],
      /"id" is a key of table "customer" and cannot be left out/,
    ],
    ['a key that is not included', [{ table: '*', columns: { include: ['name'] } }], /cannot be left out/],
    ['a masked key', [{ table: '*', columns: { mask: ['id'] } }], /cannot be masked/],
    ['a hashed key', [{ table: 'cust*', columns: { hash: ['id'] } }], /cannot be hashed/],
    [
      'a key in whose place another column comes',
      [{ table: 'customer', columns: { rename: { name: 'id' } } }],
      /cannot be left out/,
    ],
    [
      'a column in whose place another comes',
      [{ table: 'customer', columns: { rename: { name: 'age' } } }],
      /has a column "age"/,
    ],
    [
      'one that is left out',
      [{ table: 'customer', columns: { rename: { name: 'age' }, exclude: ['age'] } }],
      undefined,
    ],
    ['a renamed key', [{ table: 'customer', columns: { rename: { id: 'key' } } }], undefined],
    ['a table in whose place another comes', [{ table: 'order', rename: 'customer' }], /mixed with "order"/],
    ['other columns', [{ table: '*', columns: { mask: ['email'], exclude: ['name'] } }], undefined],
  ])('%s', (_name, rules, expected) => {
    const found = keyProblems([schema], shapesOf(rules), [])
    if (expected === undefined) expect(found).toEqual([])
    else expect(found.join()).toMatch(expected)
  })

  it('does not mind tables that are not delivered', () => {
    const rules: TransformConfig[] = [{ table: '*', columns: { mask: ['id'] } }]
    expect(keyProblems([schema], shapesOf(rules), [{ tables: { exclude: ['customer'] } }])).toEqual([])
  })

  it('takes id for the key where schemas are inferred', () => {
    const rules: TransformConfig[] = [{ table: 'any*', columns: { hash: ['id'] } }]
    expect(keyProblems(inferredTables(rules), shapesOf(rules), [])).toHaveLength(1)
  })
})
