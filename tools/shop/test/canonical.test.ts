import { type ColumnSchema, ExactNumber, type TableSchema } from '@eds/core'
import { describe, expect, it } from 'vitest'
import { canonicalRow, canonicalValue } from '../src/index.js'

const dateTime: ColumnSchema = { type: 'string', format: 'date-time' }

describe('canonicalValue', () => {
  it.each<[ColumnSchema, unknown, string | undefined]>([
    [{ type: 'string' }, 'a', 'a'],
    [{ type: 'string' }, '', ''],
    [{ type: 'string' }, Buffer.from('é'), 'é'],
    [{ type: 'string' }, null, undefined],
    [{ type: 'string' }, undefined, undefined],
    [dateTime, '2024-07-05T12:30:00Z', '2024-07-05T12:30:00.000000Z'],
    [dateTime, '2024-07-05T12:30:00.5+02:00', '2024-07-05T10:30:00.500000Z'],
    [dateTime, '2024-07-05 12:30:00.123456+00', '2024-07-05T12:30:00.123456Z'],
    [dateTime, '2024-01-01 00:10:00.123456789 -0530', '2024-01-01T05:40:00.123456789Z'],
    [dateTime, '2024-07-05 12:30:00.120000000', '2024-07-05T12:30:00.120000Z'],
    [dateTime, '0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000000Z'],
    [dateTime, '9999-12-31T23:59:59.999999Z', '9999-12-31T23:59:59.999999Z'],
    [dateTime, new Date(0), '1970-01-01T00:00:00.000000Z'],
    [dateTime, 'infinity', 'infinity'],
    [{ type: 'integer' }, 12, '12'],
    [{ type: 'integer' }, 9223372036854775807n, '9223372036854775807'],
    [{ type: 'integer' }, '9223372036854775807', '9223372036854775807'],
    [{ type: 'integer' }, new ExactNumber('9223372036854775807'), '9223372036854775807'],
    [{ type: 'integer' }, '1E+3', '1000'],
    [{ type: 'number' }, '0.1', '0.1'],
    [{ type: 'number' }, 0.1, '0.1'],
    [{ type: 'number' }, new ExactNumber('0.1000000000000000055511151231257827'), '0.1'],
    [{ type: 'number' }, new ExactNumber('1e400'), 'Infinity'],
    [{ type: 'number' }, '', ''],
    [{ type: 'number' }, 'abc', 'abc'],
    [{ type: 'boolean' }, true, 'true'],
    [{ type: 'boolean' }, 1, 'true'],
    [{ type: 'boolean' }, 'f', 'false'],
    [{ type: 'boolean' }, '0', 'false'],
    [{ type: 'boolean' }, 'maybe', 'maybe'],
    [{ type: 'object' }, { b: 1, a: 2 }, '{"a":2,"b":1}'],
    [{ type: 'object' }, '{"b": 1E+0, "a":2}', '{"a":2,"b":1}'],
    [{ type: 'array' }, '["b", "a"]', '["b","a"]'],
    [{ type: 'array' }, ['b', 'a'], '["b","a"]'],
    [{ type: 'array' }, 'b,a', 'not JSON: b,a'],
    [{ type: 'object' }, 'null', 'null'],
  ])('%o: %s', (column, value, expected) => {
    expect(canonicalValue(value, column)).toBe(expected)
  })
})

describe('canonicalRow', () => {
  const schema: TableSchema = {
    table: 'order',
    modelVersion: 'f1',
    primaryKeys: ['id'],
    required: ['id', 'lines', 'extra', 'total'],
    properties: {
      id: { type: 'string' },
      lines: { type: 'array' },
      extra: { type: 'object' },
      total: { type: 'integer' },
      note: { type: 'string', nullable: true },
      tags: { type: 'array', nullable: true },
    },
  }

  it('leaves out nulls, absent columns and columns that the schema does not name', () => {
    const row = { id: 'a', lines: [1], extra: { a: 1 }, total: 5, note: null, _shadow: 'x' }
    expect(Object.fromEntries(canonicalRow(row, schema))).toEqual({
      id: 'a',
      lines: '[1]',
      extra: '{"a":1}',
      total: '5',
    })
  })

  it('takes null as empty in containers that may not be null', () => {
    expect(Object.fromEntries(canonicalRow({ id: 'a', lines: null }, schema))).toEqual({
      id: 'a',
      lines: '[]',
      extra: '{}',
    })
  })
})
