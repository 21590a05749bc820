import { ExactNumber, type JsonValue } from '@eds/core'
import { UnfitValue } from '@eds/sql'
import { describe, expect, it } from 'vitest'
import { columnType, textKeyTypeAmong, typeName, typeSupport } from '../src/column-type.js'
import { SqlServerDialect } from '../src/dialect.js'
import { quoteIdentifier, quoteLiteral } from '../src/identifier.js'
import { catalogColumn, schemaOf } from './fixtures.js'

const refused = Symbol('refused')

function textIn(column: ReturnType<typeof catalogColumn>, value: JsonValue): string | typeof refused {
  try {
    return typeSupport(column)!.toText(value, { maxLength: column.maxLength ?? Number.POSITIVE_INFINITY })
  } catch (error) {
    if (error instanceof UnfitValue) return refused
    throw error
  }
}

const of = (type: string, facts: Partial<ReturnType<typeof catalogColumn>> = {}) => ({
  ...catalogColumn('c', type),
  ...facts,
})
const instant = '2024-07-11T17:56:51.708587Z'

describe('values in columns', () => {
  it.each([
    ['nvarchar(3)', of('nvarchar', { maxLength: 3 }), 'a🔧', 'a🔧'],
    ['nvarchar(3)', of('nvarchar', { maxLength: 3 }), '🔧🔧', refused],
    ['nvarchar(max)', of('nvarchar'), 'a\u0000\ud800', 'a\u0000\ud800'],
    ['nvarchar(max)', of('nvarchar'), { a: [1] }, '{"a":[1]}'],
    ['varchar', of('varchar', { collation: 'Latin1_General_CI_AS' }), 'abc', 'abc'],
    ['varchar', of('varchar', { collation: 'Latin1_General_CI_AS' }), 'é', refused],
    ['varchar UTF-8', of('varchar', { collation: 'Latin1_General_100_CI_AS_SC_UTF8', maxLength: 2 }), 'é', 'é'],
    ['varchar UTF-8', of('varchar', { collation: 'Latin1_General_100_CI_AS_SC_UTF8', maxLength: 2 }), 'éa', refused],
    ['bigint', of('bigint'), new ExactNumber('9223372036854775807'), '9223372036854775807'],
    ['bigint', of('bigint'), new ExactNumber('9223372036854775808'), refused],
    ['bigint', of('bigint'), 1.5, refused],
    ['tinyint', of('tinyint'), 256, refused],
    ['tinyint', of('tinyint'), 255, '255'],
    ['decimal(5, 2)', of('decimal', { precision: 5, scale: 2 }), '123.45', '123.45'],
    ['decimal(5, 2)', of('decimal', { precision: 5, scale: 2 }), 1.005, refused],
    ['money', of('money'), '1.00005', refused],
    ['float', of('float', { precision: 53 }), 0.1, '0.1'],
    ['float', of('float', { precision: 53 }), new ExactNumber('0.123456789012345678901'), refused],
    ['real', of('real'), new ExactNumber('1e60'), refused],
    ['bit', of('bit'), true, '1'],
    ['bit', of('bit'), 1, refused],
    ['datetime2(7)', of('datetime2', { scale: 7 }), instant, '2024-07-11T17:56:51.7085870'],
    ['datetime2(3)', of('datetime2', { scale: 3 }), instant, refused],
    ['datetime2(0)', of('datetime2', { scale: 0 }), '2024-07-11T23:30:00-01:00', '2024-07-12T00:30:00'],
    ['datetimeoffset(7)', of('datetimeoffset', { scale: 7 }), instant, '2024-07-11T17:56:51.7085870+00:00'],
    ['datetime', of('datetime'), '2024-07-11T17:56:51.707Z', '2024-07-11T17:56:51.707'],
    ['datetime', of('datetime'), '2024-07-11T17:56:51.708Z', refused],
    ['datetime', of('datetime'), '1752-12-31T00:00:00Z', refused],
    ['smalldatetime', of('smalldatetime'), '2024-07-11T17:56:00Z', '2024-07-11T17:56:00'],
    ['smalldatetime', of('smalldatetime'), '2024-07-11T17:56:01Z', refused],
    ['smalldatetime', of('smalldatetime'), '2079-06-07T00:00:00Z', refused],
    ['date', of('date'), '2024-07-11T00:00:00Z', '2024-07-11'],
    ['date', of('date'), instant, refused],
    ['time(3)', of('time', { scale: 3 }), '17:56:51.708', '17:56:51.708'],
    ['time(3)', of('time', { scale: 3 }), '17:56:51.7085', refused],
    ['time(0)', of('time', { scale: 0 }), '25:00', refused],
    [
      'uniqueidentifier',
      of('uniqueidentifier'),
      'a0eebc999c0b4ef8bb6d6bb9bd380a11',
      'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11',
    ],
    ['uniqueidentifier', of('uniqueidentifier'), 'x', refused],
  ])('%s: %#', (_, column, value, expected) => {
    expect(textIn(column, value)).toBe(expected)
  })

  it.each(['varbinary', 'xml', 'sql_variant', 'geography', 'constructor'])('%s cannot be written', (type) => {
    expect(typeSupport(of(type))).toBeUndefined()
  })

  it('what stands for null is what the old server wrote', () => {
    expect(typeSupport(of('nvarchar'))?.empty).toEqual({ array: '', object: '{}' })
    expect(typeSupport(of('bit'))?.empty).toEqual({ boolean: '0' })
    expect(typeSupport(of('bigint'))?.empty).toMatchObject({ integer: '0' })
    expect(typeSupport(of('float'))?.empty).toBeUndefined()
  })
})

describe('types', () => {
  it.each([
    [{ type: 'string' }, 'NVARCHAR(MAX)', 'NVARCHAR(255) COLLATE Latin1_General_100_BIN2'],
    [{ type: 'string', format: 'date-time' }, 'NVARCHAR(MAX)', 'NVARCHAR(255) COLLATE Latin1_General_100_BIN2'],
    [{ type: 'integer' }, 'BIGINT', 'BIGINT'],
    [{ type: 'number' }, 'FLOAT', 'FLOAT'],
    [{ type: 'boolean' }, 'BIT', 'BIT'],
    [{ type: 'object' }, 'NVARCHAR(MAX)', 'NVARCHAR(255) COLLATE Latin1_General_100_BIN2'],
    [{ type: 'array', items: { enum: ['a'] } }, 'NVARCHAR(64)', 'NVARCHAR(255) COLLATE Latin1_General_100_BIN2'],
  ] as const)('%j', (schema, type, keyType) => {
    expect(columnType(schema, false)).toBe(type)
    expect(columnType(schema, true)).toBe(keyType)
  })

  it('several text keys share the 900 bytes of an index', () => {
    expect(textKeyTypeAmong(1, 0)).toMatch(/^NVARCHAR\(255\)/)
    expect(textKeyTypeAmong(2, 1)).toMatch(/^NVARCHAR\(223\)/)
    expect(textKeyTypeAmong(3, 0)).toMatch(/^NVARCHAR\(150\)/)
  })

  it.each([
    [of('decimal', { precision: 5, scale: 2 }), 'DECIMAL(5, 2)'],
    [of('datetime2', { scale: 3 }), 'DATETIME2(3)'],
    [of('nvarchar'), 'NVARCHAR(MAX)'],
    [of('varchar', { maxLength: 64 }), 'VARCHAR(64)'],
    [of('bigint'), 'BIGINT'],
  ])('%#: %s', (column, name) => {
    expect(typeName(column)).toBe(name)
  })
})

describe('names', () => {
  it('any but those that the server cannot tell apart or hold', () => {
    expect(quoteIdentifier('a]b [c] "d" --')).toBe('[a]]b [c]] "d" --]')
    expect(quoteIdentifier('x'.repeat(128))).toHaveLength(130)
    for (const name of ['', 'a\u0000', '\ud800', 'x'.repeat(129), 'blank ']) {
      expect(() => quoteIdentifier(name)).toThrow()
    }
    expect(quoteLiteral("it's")).toBe("N'it''s'")
  })

  it('statements that make tables', () => {
    const dialect = new SqlServerDialect('d]bo')
    const columns = Object.entries(schemaOf('t', { 'a b': 'number' }).properties).map(([name, schema]) => ({
      name,
      type: dialect.columnType(schema, name === 'id'),
      isKey: name === 'id',
    }))
    expect(dialect.createTableStatement('t', columns, ['id'])).toBe(
      'CREATE TABLE [d]]bo].[t] ([id] NVARCHAR(255) COLLATE Latin1_General_100_BIN2 NOT NULL, [a b] FLOAT NULL, PRIMARY KEY ([id]))',
    )
    expect(dialect.addColumnsStatement('t', columns.slice(1))).toBe('ALTER TABLE [d]]bo].[t] ADD [a b] FLOAT NULL')
    expect(dialect.dropNotNullStatement('t', 'c', of('varchar', { maxLength: 64, collation: 'X' }))).toBe(
      'ALTER TABLE [d]]bo].[t] ALTER COLUMN [c] VARCHAR(64) COLLATE X NULL',
    )
  })
})
