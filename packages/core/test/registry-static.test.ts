import { describe, expect, it } from 'vitest'
import { schemasFromDocument, staticRegistry, type TableSchema } from '../src/index.js'
import { makeEvent } from './events.js'

const { signal } = new AbortController()
const sample = makeEvent()

function schema(table: string, modelVersion: string): TableSchema {
  return { table, modelVersion, primaryKeys: ['id'], required: [], properties: { id: { type: 'string' } } }
}

describe('staticRegistry', () => {
  it('finds schemas by table and version, and the last one of each table', async () => {
    const registry = staticRegistry([schema('order', 'v1'), schema('order', 'v2'), schema('customer', 'v1')])
    expect(await registry.get('order', 'v1', sample, signal)).toEqual(schema('order', 'v1'))
    expect(await registry.get('order', 'v3', sample, signal)).toBeUndefined()
    expect(await registry.get('constructor', 'v1', sample, signal)).toBeUndefined()
    expect([...(await registry.latest(signal)).values()]).toEqual([schema('order', 'v2'), schema('customer', 'v1')])
  })

  it('lets a schema hold for every version', async () => {
    const registry = staticRegistry([schema('order', '*'), schema('order', 'v1')])
    expect(await registry.get('order', 'v1', sample, signal)).toEqual(schema('order', 'v1'))
    expect(await registry.get('order', 'v7', sample, signal)).toEqual(schema('order', 'v7'))
  })
})

describe('schemasFromDocument', () => {
  const order = {
    table: 'order',
    modelVersion: 'v1',
    primaryKeys: ['id'],
    required: ['id', 'tags'],
    properties: {
      id: { type: 'string' },
      total: { type: 'number', nullable: true, $comment: 'left out' },
      at: { type: 'string', format: 'date-time' },
      tags: { type: 'array', items: { type: 'string', enum: ['a', 'b'] } },
      more: { type: 'object', additionalProperties: { type: 'string' }, deprecated: true },
    },
    extra: 'left out',
  }

  it('reads every member that it knows', () => {
    expect(schemasFromDocument({ Order: order })).toEqual([
      {
        table: 'order',
        modelVersion: 'v1',
        primaryKeys: ['id'],
        required: ['id', 'tags'],
        properties: {
          id: { type: 'string' },
          total: { type: 'number', nullable: true },
          at: { type: 'string', format: 'date-time' },
          tags: { type: 'array', items: { type: 'string', enum: ['a', 'b'] } },
          more: { type: 'object', additionalProperties: true, deprecated: true },
        },
      },
    ])
  })

  it('names every place at fault', () => {
    const bad = { ...order, primaryKeys: ['code'], properties: { ...order.properties, total: { type: 'money' } } }
    expect(() => schemasFromDocument({ Order: bad, Other: 3 })).toThrow(
      expect.objectContaining({
        code: 'configuration',
        message: expect.stringMatching(/Order\.properties\.total\.type: .*Other: /),
      }),
    )
    expect(() => schemasFromDocument({ Order: { ...order, primaryKeys: ['code'] } })).toThrow(
      'Order.properties: primary key "code" is missing',
    )
    expect(() => schemasFromDocument([])).toThrow('document: ')
  })

  it('does not list hundreds of faults', () => {
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`o${index}`, 3]))
    expect(() => schemasFromDocument(many)).toThrow('and 290 more')
  })
})
