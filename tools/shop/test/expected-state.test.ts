import { ExactNumber } from '@eds/core'
import { describe, expect, it } from 'vitest'
import { ExpectedState, primaryKeyText, type ShopOptions, shopEvents, shopSchemas } from '../src/index.js'
import { eventList, parsed } from './read-events.js'

describe('ExpectedState', () => {
  it.each<[string, Partial<ShopOptions>]>([
    ['full images', {}],
    ['partial images', { partialUpdates: 0.5 }],
    ['hostile values', { values: 'hostile', partialUpdates: 0.2 }],
  ])('agrees with a model of plain objects: %s', (_, options) => {
    const events = eventList({ events: 4_000, liveRows: 200, ...options })
    const state = new ExpectedState()
    const model = new Map<string, Record<string, unknown>>()
    for (const event of events) {
      state.apply(event)
      const { after } = parsed(event)
      const key = `${event.table} ${primaryKeyText(event.primaryKey)}`
      const { _shadow, ...row } = after ?? {}
      if (event.operation === 'DELETE') model.delete(key)
      else model.set(key, event.operation === 'INSERT' ? row : { ...model.get(key), ...row })
    }
    const found = state
      .tables()
      .flatMap((table) => [...state.rows(table)].map(([key, row]) => [`${table} ${key}`, asDoubles(row)] as const))
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(model))
    expect(found.length).toBe(state.tables().reduce((sum, table) => sum + state.count(table), 0))
  })

  it('takes bytes and events alike', () => {
    const [left, right] = [new ExpectedState(), new ExpectedState()]
    for (const event of shopEvents({ seed: 3, events: 300, values: 'hostile', partialUpdates: 0.3 })) {
      left.apply(event)
      right.apply(new Uint8Array(event.bytes))
    }
    for (const table of left.tables()) expect(left.rows(table)).toEqual(right.rows(table))
  })

  it('keeps every digit', () => {
    const state = new ExpectedState({ schemas: shopSchemas({ rowBytes: 'small' }) })
    const source = eventList({ tables: ['order'], rowBytes: 'small', events: 1 })[0]!
    const text = source.bytes.toString().replace(/"externalNumber":[^,]+/, '"externalNumber":9223372036854775807')
    state.apply(Buffer.from(text))
    expect(state.row('order', primaryKeyText(source.primaryKey))?.externalNumber).toEqual(
      new ExactNumber('9223372036854775807'),
    )
  })

  it('leaves excluded events out, and makes a row from the next update', () => {
    const events = eventList({ tables: ['order'], events: 200, rowBytes: 'small' })
    const update = events.find(({ operation }) => operation === 'UPDATE')!
    const insert = events.find((event) => event.primaryKey[0] === update.primaryKey[0])!
    const state = new ExpectedState({ schemas: shopSchemas({ rowBytes: 'small' }), exclude: new Set([insert.id]) })
    expect(state.apply(insert)).toBe(false)
    expect(state.tables()).toEqual([])
    expect(state.apply(update)).toBe(true)
    expect([...state.keys('order')]).toEqual([primaryKeyText(update.primaryKey)])
  })

  it('keeps columns that an image of an older version lacks', () => {
    const schemas = shopSchemas({ tables: ['label'] })
    const [first, , third] = schemas.versions
    const state = new ExpectedState({ schemas })
    const event = (operation: string, modelVersion: string, after: object) =>
      Buffer.from(JSON.stringify({ operation, id: 'x', table: 'label', key: ['r', 'a'], modelVersion, after }))
    state.apply(event('INSERT', third!.modelVersion, fullRow(third!.properties, { tooltip: 'new' })))
    state.apply(event('UPDATE', first!.modelVersion, fullRow(first!.properties, { name: 'old' })))
    expect(state.row('label', '["a"]')).toMatchObject({ tooltip: 'new', name: 'old' })
    expect(state.schema('label')).toBe(third)
    state.apply(event('INSERT', first!.modelVersion, fullRow(first!.properties, { name: 'anew' })))
    expect(state.row('label', '["a"]')).not.toHaveProperty('tooltip')
  })

  it('knows the newest version that came, not the newest there is', () => {
    const schemas = shopSchemas({ tables: ['order'], rowBytes: 'small' })
    const state = new ExpectedState({ schemas })
    state.apply(eventList({ tables: ['order'], rowBytes: 'small', events: 100 })[0]!)
    expect(state.schema('order')).toBe(schemas.versions[0])
    expect(() => state.schema('customer')).toThrow('customer')
  })

  it.each([
    ['not JSON', '[]'],
    ['"table"', '{}'],
    ['no schema of table "nothing"', '{"table":"nothing","modelVersion":"f"}'],
  ])('refuses what is no event: %s', (message, text) => {
    expect(() => new ExpectedState().apply(Buffer.from(text))).toThrow(message)
  })

  it('refuses an unknown operation and an event without a key', () => {
    const { modelVersion } = shopSchemas().versions[0]!
    const fields = { table: 'order', id: 'x', modelVersion, operation: 'UPSERT', key: ['r', 'a'] }
    const state = new ExpectedState()
    expect(() => state.apply(Buffer.from(JSON.stringify(fields)))).toThrow('UPSERT')
    expect(() => state.apply(Buffer.from(JSON.stringify({ ...fields, key: [] })))).toThrow('primary key')
  })
})

function fullRow(properties: object, values: object): object {
  return { ...Object.fromEntries(Object.keys(properties).map((name) => [name, null])), id: 'a', ...values }
}

function asDoubles(value: unknown): unknown {
  if (value instanceof ExactNumber) return Number(value.text)
  if (Array.isArray(value)) return value.map(asDoubles)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, asDoubles(member)]))
}
