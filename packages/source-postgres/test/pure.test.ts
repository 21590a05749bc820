import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toSourceError } from '../src/errors.js'
import { parseRecord } from '../src/event/record-text.js'
import { chooseMode } from '../src/install/choose-mode.js'
import { formatPlace, mvccOf, parsePlace } from '../src/position.js'
import { ReleaseLedger } from '../src/replication/release-ledger.js'
import { slotName } from '../src/replication/slot.js'
import { SafeBound } from '../src/triggers/safe-bound.js'

describe('positions', () => {
  const row = { table: 99_000, file: 99_001, block: 7, offset: 12 }
  const places = [
    { epoch: 'abcdef01', at: 9n, index: 3 },
    { epoch: 'abcdef01', at: 10n, index: 0 },
    { epoch: 'abcdef01', at: 10n, index: 12 },
    { epoch: 'abcdef01', at: 11n, index: 0, row },
    { epoch: 'abcdef01', at: 11n, index: 0, row: { ...row, offset: 13 } },
    { epoch: 'abcdef01', at: 12n, index: 0 },
  ]

  it('are read back as they were written, and sort as they come', () => {
    const texts = places.map(formatPlace)
    expect(texts.map(parsePlace)).toEqual(places)
    expect([...texts].sort()).toEqual(texts)
    expect(new Set(places.map(mvccOf)).size).toBe(places.length)
  })

  it('of other sources are refused', () => {
    expect(() => parsePlace('0000000000000042')).toThrow(expect.objectContaining({ code: 'configuration' }))
  })
})

describe('row literals', () => {
  const field = fc.option(fc.string({ unit: fc.constantFrom('a', '"', '\\', ',', '(', ')', ' ', 'ü', '{') }), {
    nil: null,
  })

  it('give back every field', () => {
    const write = (text: string | null) =>
      text === null ? '' : `"${text.replaceAll('\\', '\\\\').replaceAll('"', '""')}"`
    fc.assert(
      fc.property(fc.array(field, { minLength: 1 }), (fields) => {
        expect(parseRecord(`(${fields.map(write).join(',')})`)).toEqual(fields)
      }),
    )
    expect(parseRecord('(1,,x y,"")')).toEqual(['1', null, 'x y', ''])
    expect(parseRecord('(,)')).toEqual([null, null])
  })
})

describe('the bound of the outbox', () => {
  it('waits for every transaction that held the sequence, and for no later one', () => {
    const bound = new SafeBound(0n)
    bound.see({ last: 5n, holders: ['3/1', '4/1'] })
    expect(bound.bound).toBe(0n)
    bound.see({ last: 8n, holders: ['4/1', '5/1'] })
    expect(bound.bound).toBe(0n)
    bound.see({ last: 9n, holders: ['5/1'] })
    expect(bound.bound).toBe(5n)
    bound.see({ last: 9n, holders: [] })
    expect(bound.bound).toBe(9n)
  })
})

describe('how far the log may be forgotten', () => {
  it('never reaches into what is not acknowledged, and follows an idle server', () => {
    const ledger = new ReleaseLedger()
    ledger.alive(50n)
    expect(ledger.end).toBe(50n)
    ledger.begin()
    ledger.alive(60n)
    ledger.commit({ at: 55n, last: 2, end: 70n })
    ledger.commit({ at: 75n, last: -1, end: 80n })
    ledger.alive(90n)
    ledger.acknowledge(55n, 1)
    expect(ledger.end).toBe(50n)
    ledger.acknowledge(55n, 2)
    expect(ledger.end).toBe(80n)
    ledger.alive(95n)
    expect(ledger.end).toBe(95n)
  })
})

describe('choosing the mode', () => {
  const facts = { walLevel: 'logical', mayReplicate: true, mayPublish: true, freeSlots: 2, ownsTables: true }
  it.each([
    [{}, 'replication', 'allow'],
    [{ walLevel: 'replica' }, 'triggers', 'wal_level is replica'],
    [{ mayReplicate: false }, 'triggers', 'may not replicate'],
    [{ mayPublish: false }, 'triggers', 'publication'],
    [{ ownsTables: false }, 'triggers', 'own'],
    [{ freeSlots: 0 }, 'triggers', 'max_replication_slots'],
  ])('with %o is %s', (changes, mode, reason) => {
    const choice = chooseMode({ ...facts, ...changes })
    expect(choice.mode).toBe(mode)
    expect(choice.reason).toContain(reason)
  })
})

it('names slots apart by cursor and database', () => {
  const names = [slotName('a-b', 'x'), slotName('a_b', 'x'), slotName('A_b', 'x'), slotName('a_b', 'y')]
  expect(new Set(names).size).toBe(4)
  for (const name of names) expect(name).toMatch(/^eds_[a-z0-9_]{1,59}$/)
})

it.each([
  ['28P01', 'authentication'],
  ['42501', 'authentication'],
  ['3D000', 'configuration'],
  ['53400', 'configuration'],
  ['55006', 'connection'],
  ['57P01', 'connection'],
  ['57014', 'timeout'],
  ['ECONNREFUSED', 'connection'],
  ['XX000', 'unknown'],
])('says of %s that it is %s', (code, expected) => {
  expect(toSourceError(Object.assign(new Error('boom'), { code }), 'postgres://h:1/d').code).toBe(expected)
})
