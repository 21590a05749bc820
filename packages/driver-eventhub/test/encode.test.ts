import { describe, expect, it } from 'vitest'
import { encodeEvent, hubPartitionKeyOf, planSends, shortenKey } from '../src/encode.js'
import { event } from './fixtures.js'

const row = { id: 'row', companyId: 'c1', locationId: 'l1' }

describe('what is sent', () => {
  it('is the original bytes with the names that consumers know', () => {
    const change = event(1)
    expect(encodeEvent(change)).toEqual({
      body: change.bytes,
      contentType: 'application/json',
      messageId: 'change-1',
      properties: { objectId: 'dbchange.order.UPDATE.c1.l1.row' },
    })
    expect(encodeEvent(change).body).toBe(change.bytes)
  })

  it.each([
    ['INSERT', { after: row }, 'order.c1.l1.row'],
    ['UPDATE', { before: { ...row, companyId: 'old' }, after: row }, 'order.c1.l1.row'],
    ['UPDATE', { before: row, after: { id: 'row', total: 1 } }, 'order.c1.l1.row'],
    ['DELETE', { before: row, after: undefined }, 'order.c1.l1.row'],
    ['DELETE', { before: undefined, after: undefined }, 'order.NONE.NONE.row'],
    ['INSERT', { after: { id: 'row', companyId: null } }, 'order.NONE.NONE.row'],
    ['INSERT', { after: { id: 'row', companyId: 7 } }, 'order.7.NONE.row'],
  ])('%s of %j has the partition key %s', (operation, images, expected) => {
    expect(hubPartitionKeyOf(event(1, { operation, ...images }))).toBe(expected)
  })
})

describe('long keys', () => {
  it.each([
    ['a'.repeat(128), 'a'.repeat(128)],
    // printf 'a%.0s' {1..129} | sha256sum
    ['a'.repeat(129), `${'a'.repeat(95)}~c12cb024a2e5551cca0e08fce8f1c5e3`],
  ])('%s', (key, expected) => {
    expect(shortenKey(key)).toBe(expected)
  })

  it('stay apart, fit, and hold no half characters', () => {
    const long = '\u{1f600}'.repeat(100)
    expect(shortenKey(`${long}a`)).not.toBe(shortenKey(`${long}b`))
    expect(shortenKey(long).length).toBeLessThanOrEqual(128)
    expect(Buffer.from(shortenKey(long)).toString()).toBe(shortenKey(long))
  })
})

describe('the plan', () => {
  it('keeps changes of a row in one unit, in order, even when the row moves to another company', () => {
    const moved = { after: { ...row, companyId: 'c2' } }
    const other = { key: ['region', 'other'] }
    const events = [event(0), event(1, other), event(2), event(3, moved), event(4)]
    expect(planSends(events).map(({ runs }) => runs)).toEqual([
      [
        { partitionKey: 'order.c1.l1.row', indexes: [0, 2] },
        { partitionKey: 'order.c2.l1.row', indexes: [3] },
        { partitionKey: 'order.c1.l1.row', indexes: [4] },
      ],
      [{ partitionKey: 'order.c1.l1.other', indexes: [1] }],
    ])
  })
})
