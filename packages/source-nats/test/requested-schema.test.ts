import { describe, expect, test } from 'vitest'
import { readRequestedSchema } from '../src/requested-schema.js'

const field = (name: string, type: string, more: object = {}) => ({ name, type, ...more })
const answer = (...fields: object[]) => ({
  success: true,
  data: { name: 'Order', table: 'order', modelVersion: 'fff1', fields },
})
const id = field('id', 'String', { primary_key: true, optional: false, list: null, enum: null })
const columnOf = (more: object) => readRequestedSchema(answer(id, more), 'schema.order.fff1')?.properties.x

describe('a requested schema', () => {
  test.each([
    [field('x', 'String'), { type: 'string' }],
    [field('x', 'DateTime', { timestampz: true }), { type: 'string', format: 'date-time' }],
    [field('x', 'BigInt'), { type: 'integer' }],
    [field('x', 'Int'), { type: 'integer' }],
    [field('x', 'Double'), { type: 'number' }],
    [field('x', 'Float'), { type: 'number' }],
    [field('x', 'Decimal'), { type: 'number' }],
    [field('x', 'Boolean'), { type: 'boolean' }],
    [field('x', 'Json', { optional: true }), { type: 'object', nullable: true }],
    [field('x', 'Bytes'), { type: 'string' }],
    [field('x', 'String', { list: true }), { type: 'array', items: { type: 'string' } }],
    [field('x', 'OrderStatus', { enum: ['a', 'b'] }), { type: 'string' }],
    [field('x', 'Tag', { enum: ['a'], list: true }), { type: 'array', items: { type: 'string', enum: ['a'] } }],
    [field('x', 'Tag', { enum: true, list: true }), { type: 'array', items: { type: 'string', enum: [] } }],
  ])('has for %j the column %j', (given, column) => {
    expect(columnOf(given)).toEqual(column)
  })

  test('has keys, and requires what is not optional', () => {
    const second = field('region', 'String', { primary_key: true })
    expect(readRequestedSchema(answer(id, field('note', 'String', { optional: true }), second), '')).toMatchObject({
      table: 'order',
      modelVersion: 'fff1',
      primaryKeys: ['id', 'region'],
      required: ['id', 'region'],
    })
  })

  test.each([
    { success: false, message: 'no such table' },
    { success: true, data: null },
  ])('is none: %j', (none) => {
    expect(readRequestedSchema(none, '')).toBeUndefined()
  })

  test.each([
    ['no object', 'hello', /the answer/],
    ['an unknown type', answer(id, field('x', 'Money')), /x is of the unknown type "Money"/],
    ['no key', answer(field('x', 'Int')), /no field is a primary key/],
    ['no version', { success: true, data: { table: 'order', fields: [] } }, /data\.modelVersion/],
  ])('is refused with the place: %s', (_, given, message) => {
    const error = { code: 'configuration', message: expect.stringMatching(message) }
    expect(() => readRequestedSchema(given, 'schema.order.1')).toThrow(expect.objectContaining(error))
  })
})
