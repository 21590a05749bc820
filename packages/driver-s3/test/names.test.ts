import { type ChangeEvent, isEdsError } from '@eds/core'
import { expect, it } from 'vitest'
import { encodeName, hourFileName, rowObjectName } from '../src/names.js'
import { eventOf } from './fixtures.js'

const keyed = (key: string[], table = 'order') => eventOf({ table, key })

it.each<[string, ChangeEvent, string]>([
  ['a uuid', keyed(['r', '0190a2b4-7c1e-7d33-8a11-6a5d9f0c2b11']), 'p/order/0190a2b4-7c1e-7d33-8a11-6a5d9f0c2b11.json'],
  ['a number', keyed(['r', '42']), 'p/order/42.json'],
  ['a key without region', keyed(['42']), 'p/order/42.json'],
  ['spaces and other scripts', keyed(['r', 'a b+c=ä€😀']), 'p/order/a b+c=ä€😀.json'],
  ['the id of the row', eventOf({ key: [], after: { id: 7 } }), 'p/order/7.json'],
  ['several columns', keyed(['r', 'a', 'b,c']), 'p/order/a,b%2Cc.json'],
  ['a slash', keyed(['r', '../../x']), 'p/order/%2E.%2F..%2Fx.json'],
  ['a hostile table', keyed(['r', 'x'], '..'), 'p/%2E./x.json'],
  ['an empty key', keyed(['r', '']), 'p/order/%.json'],
  ['control characters', keyed(['r', 'a\u0000\n\u007f\u0085']), 'p/order/a%00%0A%7F%C2%85.json'],
  ['what XML cannot hold', keyed(['r', '\ufffe\ud800']), 'p/order/%EF%BF%BE%ED%A0%80.json'],
  ['a chosen path', eventOf({}, { objectPath: 'by-company/c1/x.json' }), 'p/by-company/c1/x.json'],
])('%s', (_, event, name) => {
  expect(rowObjectName('p', event)).toBe(name)
})

it('needs no prefix', () => {
  expect(rowObjectName('', keyed(['r', 'x']))).toBe('order/x.json')
})

it('different keys have different names', () => {
  const parts = [
    '',
    '%',
    '%25',
    '.',
    '..',
    '%2E',
    '/',
    '%2F',
    'a',
    'A',
    ',',
    '%2C',
    'a,b',
    '\\',
    '\u0000',
    '%00',
    '\ud800',
    '\ufffd',
  ]
  const single = parts.map((part) => keyed(['r', part]))
  const double = parts.flatMap((left) => parts.map((right) => keyed(['r', left, right])))
  const names = [...single, ...double].map((event) => rowObjectName('p', event))
  expect(new Set(names).size).toBe(parts.length + parts.length ** 2)
  for (const name of names) expect(name).toMatch(/^p\/order\/[^/]+\.json$/)
  expect(encodeName('%2F')).not.toBe(encodeName('/'))
})

it.each<[string, () => string]>([
  ['a key that is too long', () => rowObjectName('p', keyed(['r', 'x'.repeat(1_025)]))],
  ['a table that is too long', () => hourFileName('p', keyed(['r', 'x'], 'x'.repeat(800)), 'y'.repeat(200))],
  ['a time that is none', () => hourFileName('p', eventOf({ timestamp: 1e300 }), '1-9.x')],
  ['a path that leaves the prefix', () => rowObjectName('p', eventOf({}, { objectPath: 'a/../../b' }))],
  ['an absolute path', () => rowObjectName('p', eventOf({}, { objectPath: '/a' }))],
  ['a path with a control character', () => rowObjectName('p', eventOf({}, { objectPath: 'a\nb' }))],
  ['an empty path', () => rowObjectName('p', eventOf({}, { objectPath: '' }))],
])('%s is refused', (_, name) => {
  let error: unknown
  try {
    name()
  } catch (thrown) {
    error = thrown
  }
  expect(isEdsError(error) && error.code).toBe('record')
})

it('1,024 bytes still fit', () => {
  expect(rowObjectName('p', keyed(['r', 'x'.repeat(1_024 - 'p/order/.json'.length)]))).toHaveLength(1_024)
})

it('the folder of an hour is that of the change, in UTC', () => {
  const timestamp = Date.UTC(2024, 1, 29, 23, 59, 59, 999)
  expect(hourFileName('p', eventOf({ timestamp }), '1-9.x')).toBe('p/order/date=2024-02-29/hour=23/1-9.x')
  expect(hourFileName('', eventOf({ timestamp: timestamp + 1 }), 'a')).toBe('order/date=2024-03-01/hour=00/a')
})
