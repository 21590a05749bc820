import { describe, expect, it } from 'vitest'
import { catalogProblems, catalogRemarks, namedTables } from '../../src/realtime/catalog-check.js'
import { socketConfig } from '../../src/settings/realtime-sockets.js'

const tables = new Map([
  ['orders', { properties: { id: { type: 'integer' }, userId: { type: 'integer' } } }],
  ['billing.invoices', { properties: { id: { type: 'integer' } } }],
] as const)

function settings(names: readonly string[] | undefined, routing: object, filters = '') {
  const problems: string[] = []
  const written = { routing: JSON.stringify(routing), filters, authTable: 'a', authColumn: 't', more: '' }
  const sockets = socketConfig({ ...written, republish: false, development: true }, undefined, problems)
  if (sockets === undefined) throw new Error(problems.join('; '))
  return { sockets, ...(names && { tables: names }) }
}

describe('names in the settings', () => {
  it('that the database has are fine', () => {
    const named = settings(
      ['orders', 'billing.invoices'],
      { orders: ['userId', 'id'], 'billing.invoices': '*' },
      'orders.id',
    )
    expect(catalogProblems(named, tables)).toEqual([])
    expect(catalogRemarks(named)).toEqual([])
    expect(namedTables(named)).toEqual(['orders', 'billing.invoices'])
  })

  it('that it does not have are all told, each once', () => {
    const named = settings(
      ['orders', 'users'],
      { users: 'id', orders: ['userId', 'toString'] },
      'users.password,orders.card',
    )
    expect(catalogProblems(named, tables)).toEqual([
      'TABLE_NAMES and TABLE_AUTH_COLUMN_ROUTING and FILTERS: there is no table "users" with a primary key that we may read',
      'TABLE_AUTH_COLUMN_ROUTING: table "orders" has no column "toString"',
      'FILTERS: table "orders" has no column "card"',
    ])
  })

  it('that go nowhere deserve a remark', () => {
    expect(catalogRemarks(settings(['orders'], { 'billing.invoices': '*' }))).toEqual([
      'changes of "orders" are sent to nobody: TABLE_AUTH_COLUMN_ROUTING has no rule for it',
      '"billing.invoices" has a rule in TABLE_AUTH_COLUMN_ROUTING, but is not among TABLE_NAMES',
    ])
  })
})
