import type { Row } from '@eds/core'
import { describe, expect, it } from 'vitest'
import { compareState, describeDifferences, ExpectedState, shopEvents, shopSchemas } from '../src/index.js'

const options = { seed: 5, events: 1_000, rowBytes: 'small' } as const
const state = new ExpectedState({ schemas: shopSchemas(options) })
for (const event of shopEvents(options)) state.apply(event)
const [firstKey = ''] = state.keys('order')

/** Rows as a destination without faults gives them back, changed by `change`. */
function reading(change: (table: string, rows: Map<string, Row>) => void = () => undefined) {
  return async function* (table: string) {
    const rows = state.rows(table)
    change(table, rows)
    yield* rows.values()
  }
}

function inOrder(change: (rows: Map<string, Row>, first: Row) => void) {
  return reading((table, rows) => {
    if (table === 'order') change(rows, rows.get(firstKey)!)
  })
}

describe('compareState', () => {
  it('finds nothing when all is well', async () => {
    expect(await compareState(state, reading())).toEqual([])
    expect(state.tables().length).toBe(17)
  })

  it('reads every table in the newest version that came', async () => {
    const asked: string[] = []
    await compareState(state, (table, schema) => {
      asked.push(schema.table)
      expect(schema).toBe(state.schema(table))
      return state.rows(table).values()
    })
    expect(asked).toEqual(state.tables())
  })

  it.each([
    ['missing', inOrder((rows) => rows.delete(firstKey))],
    ['extra', inOrder((rows, first) => rows.set('extra', { ...first, id: 'somebody' }))],
    ['duplicate', inOrder((rows, first) => rows.set('again', first))],
  ])('reports a row that is %s', async (kind, read) => {
    const [difference, ...rest] = await compareState(state, read)
    expect(rest).toEqual([])
    expect(difference).toMatchObject({ table: 'order', kind })
    expect(difference?.text).toBe(`order ${kind === 'extra' ? '["somebody"]' : firstKey}: ${kind}`)
  })

  it('reports each column that differs, showing both values', async () => {
    const read = inOrder((rows, first) => rows.set(firstKey, { ...first, status: 'Lost\n', paid: null }))
    const differences = await compareState(state, read)
    const status = String(state.row('order', firstKey)?.status)
    const paid = String(state.row('order', firstKey)?.paid)
    expect(differences).toEqual([
      expect.objectContaining({ kind: 'different', column: 'status', expected: status, actual: 'Lost\n' }),
      expect.objectContaining({ kind: 'different', column: 'paid', expected: paid }),
    ])
    expect(describeDifferences(differences)).toBe(
      `order ${firstKey} status: expected "${status}", found "Lost\\n"\norder ${firstKey} paid: expected "${paid}", found null`,
    )
  })

  it('cuts long values around the place where they differ', async () => {
    const long = (end: string) => `${'x'.repeat(5_000)}${end}${'y'.repeat(5_000)}`
    const source = { ...state.row('order', firstKey), note: long('A') }
    const expected = new ExpectedState({ schemas: shopSchemas(options) })
    expected.load(state.schema('order'), JSON.stringify(source))
    const [difference] = await compareState(expected, () => [{ ...source, note: long('B') }])
    expect(difference?.expected).toMatch(/^…x{20}Ay+…$/)
    expect(difference?.actual).toMatch(/^…x{20}By+…$/)
    expect(difference?.text.length).toBeLessThan(500)
  })

  it('stops listing at the limit and says how many more there are', async () => {
    const differences = await compareState(state, () => [], { limit: 3 })
    const rows = state.tables().reduce((sum, table) => sum + state.count(table), 0)
    expect(differences.map(({ kind }) => kind)).toEqual(['missing', 'missing', 'missing', 'more'])
    expect(differences.at(-1)?.text).toBe(`… and ${rows - 3} more differences`)
  })

  it('compares only the tables asked for', async () => {
    expect(
      await compareState(
        state,
        inOrder((rows) => rows.clear()),
        { tables: ['customer'] },
      ),
    ).toEqual([])
  })
})
