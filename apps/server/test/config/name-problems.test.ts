import type { TableSchema } from '@eds/core'
import { describe, expect, it } from 'vitest'
import { nameProblems } from '../../src/config/name-problems.js'
import { nearestName } from '../../src/config/nearest-name.js'
import type { FilterConfig, TransformConfig } from '../../src/config/schema.js'

function schemaOf(table: string, modelVersion: string, columns: readonly string[]): TableSchema {
  const properties = Object.fromEntries(columns.map((name) => [name, { type: 'string' as const }]))
  return { table, modelVersion, primaryKeys: ['id'], required: ['id'], properties }
}

const schemas = [
  schemaOf('customer', 'v1', ['id', 'lastName', 'taxId']),
  schemaOf('customer', 'v2', ['id', 'lastName', 'email']),
  schemaOf('order', 'v1', ['id', 'total']),
  schemaOf('order_item', 'v1', ['id', 'price']),
]

function findings(transforms: TransformConfig[], filters?: FilterConfig) {
  const { problems, warnings } = nameProblems([{ place: 'sinks[1].', transforms, filters }], schemas)
  const text = ({ path, message }: { path: string; message: string }) => `${path}: ${message}`
  return { problems: problems.map(text), warnings: warnings.map(text) }
}

describe('a column that the table does not have', () => {
  it.each(['include', 'exclude', 'mask', 'hash'] as const)('is wrong in %s', (rule) => {
    expect(findings([{ table: 'customer', columns: { [rule]: ['lastNmae', 'id'] } }])).toEqual({
      problems: [
        `sinks[1].transforms[0].columns.${rule}: table "customer" has no column "lastNmae" (did you mean "lastName"?)`,
      ],
      warnings: [],
    })
  })

  it('is wrong in rename, which may give any new name', () => {
    const columns = { rename: { last_name: 'surname', email: 'mail' } }
    expect(findings([{ table: 'customer', columns }]).problems).toEqual([
      'sinks[1].transforms[0].columns.rename: table "customer" has no column "last_name" (did you mean "lastName"?)',
    ])
  })

  it('deserves a remark where the table is a pattern, if no table that fits has it', () => {
    const rules = [
      { table: 'order*', columns: { mask: ['price', 'total', 'totl'] } },
      { table: '*', columns: { exclude: ['toString'] } },
    ]
    expect(findings(rules)).toEqual({
      problems: [],
      warnings: [
        'sinks[1].transforms[0].columns.mask: no table like "order*" has a column "totl" (did you mean "total"?)',
        'sinks[1].transforms[1].columns.exclude: no table like "*" has a column "toString"',
      ],
    })
  })
})

it('knows the columns of all versions', () => {
  const columns = { mask: ['taxId', 'email'] }
  expect(findings([{ table: 'customer', columns }])).toEqual({ problems: [], warnings: [] })
})

describe('a table without a schema', () => {
  const message = 'there is no schema of a table "custmer" (did you mean "customer"?)'

  it.each<[string, TransformConfig['columns']]>([
    ['mask', { mask: ['email'] }],
    ['hash', { hash: ['email'] }],
    ['exclude', { exclude: ['email'] }],
  ])('is wrong in a rule that is to hold back: %s', (_rule, columns) => {
    expect(findings([{ table: 'custmer', columns }])).toEqual({
      problems: [`sinks[1].transforms[0].table: ${message}`],
      warnings: [],
    })
  })

  it.each<[string, TransformConfig, string]>([
    ['a table that is renamed', { table: 'custmer', rename: 'people' }, message],
    ['columns that are renamed', { table: 'custmer', columns: { rename: { a: 'b' } } }, message],
    ['a pattern', { table: 'custmer*', columns: { mask: ['email'] } }, 'no schema of a table like "custmer*"'],
  ])('deserves a remark else: %s', (_name, rule, expected) => {
    const { problems, warnings } = findings([rule])
    expect(problems).toEqual([])
    expect(warnings).toEqual([expect.stringContaining(expected)])
  })

  it('deserves a remark where it is included, unless it is a pattern', () => {
    expect(findings([], { tables: { include: ['ordr', 'order', 'audit_*'] } })).toEqual({
      problems: [],
      warnings: ['sinks[1].filters.tables.include: there is no schema of a table "ordr" (did you mean "order"?)'],
    })
  })

  it('is wrong where it is excluded, if it looks like one that is delivered', () => {
    const { problems, warnings } = findings([], {
      tables: { exclude: ['custmer', 'audit', 'order_item', 'orderitems'] },
    })
    expect(problems).toEqual([`sinks[1].filters.tables.exclude: ${message}`])
    expect(warnings).toEqual([
      'sinks[1].filters.tables.exclude: there is no schema of a table "audit"',
      'sinks[1].filters.tables.exclude: there is no schema of a table "orderitems"',
    ])
  })
})

describe('nearestName', () => {
  const names = ['id', 'email', 'lastName', 'firstName', 'taxId']
  it.each([
    ['lastNmae', 'lastName'],
    ['LAST_NAME', 'lastName'],
    ['fistName', 'firstName'],
    ['tax', undefined],
    ['iban', undefined],
    ['emails', 'email'],
    ['', undefined],
  ])('%s: %s', (name, expected) => {
    expect(nearestName(name, names)).toBe(expected)
  })
})
