import { decodeEvent, ExactNumber } from '@eds/core'
import { describe, expect, it } from 'vitest'
import { encodeChange, eventNameOf, routeEvent, uuidOf } from '../src/delivery/encode.js'
import { compileRules, rulesOf } from '../src/delivery/rules.js'
import { eventOf } from './event.js'

const rulesFor = (rule: string | string[], filters: string[] = []) =>
  rulesOf(compileRules({ orders: rule }, filters), 'orders')

describe('who gets a change', () => {
  it.each<[title: string, rule: string | string[], event: object, audience: 'everyone' | string[]]>([
    ['a number and a text are the same id', 'u', { after: { u: 5 } }, ['5']],
    ['a large number', 'u', { after: { u: 123456789012 } }, ['123456789012']],
    ['nobody for null', 'u', { after: { u: null } }, []],
    ['nobody for an object', 'u', { after: { u: { id: 1 } } }, []],
    ['nobody for a missing column', 'u', { after: {} }, []],
    ['nobody for what every object inherits', 'constructor', { after: {} }, []],
    ['the old row on DELETE', 'u', { operation: 'DELETE', before: { u: 1 }, after: { u: 2 } }, ['1']],
    ['the new row on UPDATE', 'u', { operation: 'UPDATE', before: { u: 1 }, after: { u: 2 } }, ['2']],
    [
      'the old row for a column that did not change',
      'u',
      { operation: 'UPDATE', before: { u: 1 }, after: { x: 2 } },
      ['1'],
    ],
    ['nobody when the new one is null', 'u', { operation: 'UPDATE', before: { u: 1 }, after: { u: null } }, []],
    ['all of several columns', ['a', 'b'], { after: { a: 1, b: 2 } }, ['1', '2']],
    ['everyone', '*', { after: {} }, 'everyone'],
    ['everyone among columns', ['a', '*'], { after: { a: 1 } }, 'everyone'],
  ])('%s', (_title, rule, event, audience) => {
    expect(routeEvent(eventOf({ ...event }), rulesFor(rule))).toEqual(audience)
  })

  it.each(['unruled', 'constructor', '__proto__'])('nobody gets those of the table %s without a rule', (table) => {
    const rules = rulesOf(compileRules({ orders: '*' }, []), table)
    expect(routeEvent(eventOf({ table, after: { u: 1 } }), rules)).toEqual([])
  })
})

describe('the message', () => {
  const bytes =
    '{"operation":"INSERT","id":"a","table":"orders","key":[],"modelVersion":"1","timestamp":1,"mvccTimestamp":"1.0",'
  const event = decodeEvent({
    position: '1',
    bytes: Buffer.from(
      `${bytes}"after":{"id":9007199254740993,"deep":[{"big":9007199254740993}],"huge":1e999,"small":1.5}}`,
    ),
    time: 0,
  })

  it('the event has exact numbers', () => expect(event.after?.id).toBeInstanceOf(ExactNumber))

  it.each([
    ['number', { id: 9007199254740992, deep: [{ big: 9007199254740992 }], huge: '1e999', small: 1.5 }],
    ['text', { id: '9007199254740993', deep: [{ big: '9007199254740993' }], huge: '1e999', small: 1.5 }],
  ] as const)('has exact numbers as %s', (exactNumbers, data) => {
    expect(encodeChange(event, rulesFor('*'), { source: 's', exactNumbers }).data).toEqual(data)
  })

  it('leaves out filtered columns', () => {
    const rules = rulesFor('*', ['orders.a', 'other.b'])
    const options = { source: 's', exactNumbers: 'number' } as const
    expect(encodeChange(eventOf({ after: { a: 1, b: 2 } }), rules, options).data).toEqual({ b: 2 })
  })

  it.each([
    ['orders', 'orders'],
    ['connect', 'table:connect'],
    ['event', 'table:event'],
    ['toString', 'toString'],
  ])('of table %s is the event %s', (table, name) => expect(eventNameOf(table)).toBe(name))

  it('has the same UUID for the same id', () => {
    expect(uuidOf('2F1e4fc0-81fd-41da-9156-00036acd1a5b')).toBe('2F1e4fc0-81fd-41da-9156-00036acd1a5b')
    expect(uuidOf('0/16B3748:7')).toBe(uuidOf('0/16B3748:7'))
    expect(uuidOf('0/16B3748:7')).not.toBe(uuidOf('0/16B3748:8'))
    expect(uuidOf('x')).toMatch(/^[\da-f]{8}-[\da-f]{4}-5[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
  })
})
