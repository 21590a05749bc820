import { describe, expect, it } from 'vitest'
import { checkKeys, guardColumn, planMigration } from '../src/index.js'
import { columnOf, modelDialect, planOf, schemaOf, tableOf } from './model.js'

const order = schemaOf('order', ['id', 'note'])

describe('plan', () => {
  it('finds columns as the database compares names, and writes them as the schema spells them', () => {
    const schema = schemaOf('order', ['id', 'Note'])
    const plan = planOf([schema], tableOf(schemaOf('order', ['ID', 'NOTE'])))
    expect(plan.columns.map(({ name }) => name)).toEqual(['id', 'Note'])
  })

  it('fills only what cannot be null, by the type of the schema', () => {
    const schema = schemaOf('order', ['id'], {
      required: ['lines'],
      properties: { id: { type: 'string' }, lines: { type: 'array' }, note: { type: 'string' } },
    })
    const plan = planOf([schema], tableOf(schema, { note: { notNull: true } }))
    expect(plan.columns).toMatchObject([
      { name: 'id' },
      { name: 'lines', nullText: '[]', refusesNull: false, mandatory: false },
      { name: 'note', nullText: undefined, refusesNull: true, mandatory: true },
    ])
  })

  it('names a column that is missing, one that nobody fills, and one that cannot be written', () => {
    expect(() => planOf([order], tableOf(schemaOf('order', ['id'])))).toThrow(
      'column "note" of table "order" is missing',
    )
    const found = tableOf(order)
    const extra = new Map([...found.columns, ['extra', columnOf('Extra', { notNull: true })]])
    expect(() => planOf([order], { ...found, columns: extra })).toThrow('"Extra" that must not be null')
  })

  it('leaves generated columns to the database', () => {
    expect(planOf([order], tableOf(order, { note: { generated: true } })).columns.map(({ name }) => name)).toEqual([
      'id',
    ])
  })
})

describe('keys', () => {
  it('need a unique index on exactly them, in any order and spelling', () => {
    const pair = schemaOf('pair', ['a', 'b'], { primaryKeys: ['a', 'b'] })
    expect(() => checkKeys([pair], { ...tableOf(pair), uniqueKeys: [['B', 'A']] }, modelDialect)).not.toThrow()
    for (const uniqueKeys of [[], [['a']], [['a', 'b', 'c']]]) {
      expect(() => checkKeys([pair], { ...tableOf(pair), uniqueKeys }, modelDialect)).toThrow('no unique index')
    }
  })
})

describe('migration', () => {
  it('makes a table, adds columns, and then has nothing to do', () => {
    const newer = schemaOf('order', ['id', 'note', 'added'], { modelVersion: 'v2' })
    const plan = (found: typeof order | undefined) =>
      planMigration([order, newer], new Map(found ? [['order', tableOf(found)]] : []), modelDialect, { guard: false })
    expect(plan(undefined)).toEqual({
      statements: ['CREATE <order> <id> KEY STRING, <added> STRING, <note> STRING KEY id'],
      changes: [{ table: 'order', change: 'table created', columns: ['id', 'added', 'note'] }],
    })
    expect(plan(order)).toEqual({
      statements: ['ADD <order> <added> STRING'],
      changes: [{ table: 'order', change: 'columns added', columns: ['added'] }],
    })
    expect(plan(newer)).toEqual({ statements: [], changes: [] })
  })

  it('adds the guard to tables that lack it, without calling it a change of the schema', () => {
    const { statements, changes } = planMigration([order], new Map([['order', tableOf(order)]]), modelDialect, {
      guard: true,
    })
    expect(statements).toEqual([`ADD <order> <${guardColumn}> TEXT`, 'CREATE TOMBSTONES'])
    expect(changes).toEqual([{ table: 'order', change: 'columns added', columns: [] }])
  })

  it('refuses columns that are one name to the database', () => {
    const twins = schemaOf('order', ['id', 'Note', 'note'])
    expect(() => planMigration([twins], new Map(), modelDialect, { guard: false })).toThrow('are one name to Model')
  })
})
