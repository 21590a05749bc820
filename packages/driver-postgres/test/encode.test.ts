import type { ChangeEvent, Row, WriteFailure } from '@eds/core'
import { missingRows } from '@eds/sql'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CopyBuffer } from '../src/copy-buffer.js'
import { type EncodedBatch, encodeBatch } from '../src/encode.js'
import { type PostgresTable, planPostgresTable } from '../src/plan.js'
import { catalogOf, eventOf, schemaOf } from './fixtures.js'
import { ModelTable } from './model-table.js'

const notes = { name: 'string', quantity: 'integer', tags: 'array!' } as const
const older = schemaOf('item', notes)
const newer = schemaOf('item', { ...notes, added: 'string' }, { modelVersion: 'v2' })
let ids = 0

/** `strict`: `name` must not be null, so that a partial image without it cannot make a row. */
function planOf({ strict = false } = {}): PostgresTable {
  const found = catalogOf(newer, strict ? { name: { notNull: true } } : {})
  return planPostgresTable([older, newer], found, { schemaName: 'public', guard: false, nextId: () => ++ids })
}

function encode(events: readonly ChangeEvent[], plan: PostgresTable, copy: boolean): EncodedBatch {
  const buffer = copy ? new CopyBuffer(Buffer.alloc(0)) : undefined
  return encodeBatch(events, new Map([['item', plan]]), { copy: buffer, parameterStyle: 'json', begin: false })
}

/** Enough rows that COPY is chosen. */
const filler = Array.from({ length: 64 }, (_, index) =>
  eventOf('INSERT', 'item', { id: `filler ${index}`, name: 'x', quantity: 1, tags: [] }),
)

const id = fc.constantFrom('a', 'b\tc', 'd\\N', 'é🔧')
const columns: Record<string, fc.Arbitrary<Row[string]>> = {
  name: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom('x', 'tab\t', 'back\\slash\n', '') },
    { weight: 1, arbitrary: fc.constant('nul\u0000') },
  ),
  quantity: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(0, -5, null) },
    { weight: 1, arbitrary: fc.constantFrom('bad', 1.5) },
  ),
  tags: fc.constantFrom(null, [], ['q"']),
  added: fc.constantFrom('new', null),
}
const image = (optional: boolean) => fc.record(columns, optional ? { requiredKeys: [] } : {})
const change = fc.oneof(
  fc.record({ operation: fc.constant('DELETE' as const), id, image: fc.constant<Row>({}) }),
  fc.record({ operation: fc.constant('INSERT' as const), id, image: image(false) }),
  fc.record({ operation: fc.constant('UPDATE' as const), id, image: image(true) }),
)
const changes = fc.array(fc.record({ change, modelVersion: fc.constantFrom('v1', 'v2') }), {
  minLength: 1,
  maxLength: 24,
})

function eventsOf(
  list: { change: { operation: 'DELETE' | 'INSERT' | 'UPDATE'; id: string; image: Row }; modelVersion: string }[],
) {
  return list.map(({ change: { operation, id: key, image: row }, modelVersion }) =>
    eventOf(operation, 'item', { id: key, ...row }, { key: [key], modelVersion }),
  )
}

const isUnfit = ({ operation, after }: ChangeEvent) =>
  operation !== 'DELETE' && (after?.name === 'nul\u0000' || after?.quantity === 'bad' || after?.quantity === 1.5)

/** What one event does to a row. */
function applyOne(row: Row | undefined, { operation, after = {}, modelVersion }: ChangeEvent): Row | undefined {
  if (operation === 'DELETE') return undefined
  const known = Object.entries(after).filter(
    ([name, value]) => value !== undefined && (name !== 'added' || modelVersion === 'v2'),
  )
  const texts = known.map(([name, value]) => [
    name,
    name === 'tags' ? JSON.stringify(value ?? []) : value === null ? null : String(value),
  ])
  return { id: null, name: null, quantity: null, tags: '[]', added: null, ...row, ...Object.fromEntries(texts) }
}

function applyOneByOne(
  rows: Map<string, Row>,
  events: readonly ChangeEvent[],
  failures: readonly WriteFailure[],
): void {
  const failed = new Set(failures.map(({ index }) => index))
  for (const [index, event] of events.entries()) {
    if (failed.has(index)) continue
    const key = event.key[1]!
    const row = applyOne(rows.get(key), event)
    if (row === undefined) rows.delete(key)
    else rows.set(key, row)
  }
}

function firstFailures(events: readonly ChangeEvent[], failures: readonly WriteFailure[]): Map<string, number> {
  const first = new Map<string, number>()
  for (const { index } of failures) if (!first.has(events[index]!.rowKey)) first.set(events[index]!.rowKey, index)
  return first
}

function checkAgainstOneByOne(batches: ReturnType<typeof eventsOf>[], plan: PostgresTable, copy: boolean): void {
  const table = new ModelTable(plan)
  const expected = new Map<string, Row>()
  for (const batch of batches) {
    const events = copy ? [...filler, ...batch] : batch
    const { work, failures, chains } = encode(events, plan, copy)
    if (copy) expect(work?.kind).toBe('copy')
    const missing = work === undefined ? [] : table.apply(work)
    const all = [...failures, ...missingRows(events, chains, missing)].sort((left, right) => left.index - right.index)
    const failed = new Set(all.map(({ index }) => index))
    const first = firstFailures(events, all)
    for (const [index, event] of events.entries()) {
      if (isUnfit(event)) expect(failed, 'an unfit event is reported').toContain(index)
      const before = first.get(event.rowKey)
      if (before !== undefined && index > before) expect(failed, 'nothing is applied behind a failure').toContain(index)
    }
    if (!plan.columns.some(({ name, mandatory }) => name === 'name' && mandatory)) {
      for (const index of first.values()) expect(isUnfit(events[index]!), 'a fit event is applied').toBe(true)
    }
    applyOneByOne(expected, events, all)
    expect(Object.fromEntries(table.rows)).toEqual(Object.fromEntries(expected))
  }
}

describe('batches', () => {
  it.each([
    ['COPY data', true, false],
    ['parameters', false, false],
    ['COPY data, into a table that forbids null', true, true],
    ['parameters, into a table that forbids null', false, true],
  ])('sent as %s end where their events end one by one', (_, copy, strict) => {
    const plan = planOf({ strict })
    fc.assert(
      fc.property(fc.array(changes, { minLength: 1, maxLength: 3 }), (lists) => {
        checkAgainstOneByOne(lists.map(eventsOf), plan, copy)
      }),
      { numRuns: 300 },
    )
  })

  it('choose COPY by the rows per table', () => {
    const plan = planOf()
    expect(encode(filler, plan, true).work?.kind).toBe('copy')
    expect(encode(filler.slice(1), plan, true).work?.kind).toBe('parameters')
    expect(encode(filler, plan, false).work?.kind).toBe('parameters')
    const again = filler.map(() => eventOf('UPDATE', 'item', { id: 'one', quantity: 1 }))
    expect(encode(again, plan, true).work).toMatchObject({ kind: 'parameters', statements: [{ table: 'item' }] })
  })

  it('send nothing when no event can be applied', () => {
    const events = filler.map(({ key }) => eventOf('INSERT', 'item', { id: key[1]!, quantity: 'bad' }))
    for (const copy of [true, false]) {
      const { work, failures } = encode(events, planOf(), copy)
      expect(work).toBeUndefined()
      expect(failures.map(({ index }) => index)).toEqual(events.map((_, index) => index))
    }
  })

  it('tell which column of which row a value does not fit, and what stands behind it', () => {
    const events = [
      eventOf('INSERT', 'item', { id: 'a', name: 'fine', quantity: 1, tags: [] }),
      eventOf('UPDATE', 'item', { id: 'a', quantity: 'many' }),
      eventOf('UPDATE', 'item', { id: 'a', name: 'later' }),
    ]
    const { failures } = encode(events, planOf(), false)
    expect(failures).toMatchObject([
      {
        index: 1,
        error: {
          code: 'record',
          table: 'item',
          message: expect.stringMatching(/"item"\."quantity", row "a": it is not a number/),
        },
      },
      {
        index: 2,
        error: { code: 'record', message: expect.stringContaining('follows a change of the same row that failed') },
      },
    ])
  })

  it('ask for tables and versions that were not prepared, and for properties of open schemas', () => {
    const plan = planOf()
    const known = eventOf('INSERT', 'item', { id: 'a' })
    const code = (event: ChangeEvent, by = plan) => {
      try {
        encode([known, event], by, false)
      } catch (error) {
        return error
      }
      return undefined
    }
    expect(code(eventOf('INSERT', 'other', { id: 'a' }))).toMatchObject({ code: 'schema', index: 1, table: 'other' })
    expect(code(eventOf('INSERT', 'item', { id: 'a' }, { modelVersion: 'v3' }))).toMatchObject({
      code: 'schema',
      index: 1,
    })
    const open = schemaOf('item', notes, { open: true })
    const openPlan = planPostgresTable([open], catalogOf(open), {
      schemaName: 'public',
      guard: false,
      nextId: () => ++ids,
    })
    expect(code(eventOf('INSERT', 'item', { id: 'a', learned: 1 }), openPlan)).toMatchObject({
      code: 'schema',
      index: 1,
    })
    expect(code(eventOf('INSERT', 'item', { id: 'a', learned: null }), openPlan)).toBeUndefined()
    expect(code(eventOf('DELETE', 'item', { id: 'a', learned: 1 }), openPlan)).toBeUndefined()
  })

  it('fail an event without a key', () => {
    const pair = schemaOf('pair', { a: 'string', b: 'string' }, { primaryKeys: ['a', 'b'] })
    const plan = planPostgresTable([pair], catalogOf(pair), { schemaName: 'public', guard: false, nextId: () => ++ids })
    const { failures } = encodeBatch(
      [eventOf('UPDATE', 'pair', { a: 'x' }, { key: ['x'] }), eventOf('UPDATE', 'pair', {}, { key: ['x', 'y'] })],
      new Map([['pair', plan]]),
      { copy: undefined, parameterStyle: 'json', begin: false },
    )
    expect(failures).toMatchObject([
      { index: 0, error: { code: 'record', message: expect.stringContaining('primary key') } },
    ])
  })

  it('with a guard take a change that is older than one before it for done', () => {
    const plan = planPostgresTable([older], catalogOf(older), {
      schemaName: 'public',
      guard: true,
      nextId: () => ++ids,
    })
    const events = [
      eventOf('UPDATE', 'item', { id: 'a', name: 'newer' }, { mvcc: 20 }),
      eventOf('UPDATE', 'item', { id: 'a', name: 'older', quantity: 1 }, { mvcc: 10 }),
      eventOf('DELETE', 'item', { id: 'a' }, { mvcc: 15 }),
    ]
    const { work } = encode(events, plan, false)
    expect(work).toMatchObject({
      statements: [{ values: [JSON.stringify([{ n: 0, m: '20.0000000000', c0: 'a', c1: 'newer' }])] }],
    })
  })
})
