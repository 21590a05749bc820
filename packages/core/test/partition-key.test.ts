import { expect, test } from 'vitest'
import { changeNameOf, decodeEvent, messageKeyOf, partitionKeyOf } from '../src/index.js'

function event(fields: object) {
  const whole = {
    operation: 'UPDATE',
    after: {},
    id: 'change-1',
    table: 'order',
    modelVersion: 'fff0',
    timestamp: 1,
    mvccTimestamp: '1.0',
    ...fields,
  }
  return decodeEvent({ position: '1', bytes: Buffer.from(JSON.stringify(whole)), time: 0 })
}

test('the last element of the key names the row', () => {
  expect(messageKeyOf(event({ key: ['gcp-us-west1', 'row-1'], after: { id: 'other' } }))).toBe('row-1')
  expect(messageKeyOf(event({ key: ['gcp-us-west1', 'company', 'row-1'] }))).toBe('row-1')
})

test('without a key it is the id of the row', () => {
  expect(messageKeyOf(event({ key: [], after: { id: 7 }, before: { id: 6 } }))).toBe('7')
  expect(messageKeyOf(event({ key: [], operation: 'DELETE', after: undefined, before: { id: 'old' } }))).toBe('old')
})

test('company and location stand in front of the key, NONE where there is none', () => {
  expect(partitionKeyOf(event({ key: ['r', 'row-1'], companyId: 'c1', locationId: 'l1' }))).toBe('order.c1.l1.row-1')
  expect(partitionKeyOf(event({ key: ['r', 'row-1'] }))).toBe('order.NONE.NONE.row-1')
  expect(partitionKeyOf(event({ key: ['r', 'row-1'], companyId: 'c1' }), { locationId: 'l2' })).toBe(
    'order.NONE.l2.row-1',
  )
})

test('a change is named by what it did and to whom', () => {
  const change = event({ key: ['r', 'row-1'], companyId: 'c1' })
  expect(changeNameOf(change, change.id)).toBe('dbchange.order.UPDATE.c1.NONE.change-1')
})
