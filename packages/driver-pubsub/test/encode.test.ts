import { describe, expect, it } from 'vitest'
import { boundText, encodeMessage, maxMessageBytes, messageBytes, orderingKeyOf, tooLarge } from '../src/encode.js'
import { eventOf } from './events.js'

describe('message', () => {
  it('holds the original bytes, the ordering key and what filters need', () => {
    const event = eventOf({ operation: 'UPDATE' })
    const message = encodeMessage(event, { ordering: true })
    expect(message.data).toBe(event.bytes)
    expect(message.orderingKey).toBe('order.c1.l1.o1')
    expect(message.attributes).toEqual({
      table: 'order',
      operation: 'UPDATE',
      companyId: 'c1',
      locationId: 'l1',
      id: 'event-1',
      modelVersion: 'v1',
    })
  })

  it('has no attribute for what the event does not say, and NONE in its key', () => {
    const message = encodeMessage(eventOf({ companyId: undefined, locationId: null }), { ordering: true })
    expect(Object.keys(message.attributes)).toEqual(['table', 'operation', 'id', 'modelVersion'])
    expect(message.orderingKey).toBe('order.NONE.NONE.o1')
  })

  it.each([
    ['after', { after: { id: 'o1', companyId: 'c2', locationId: 'l2' } }],
    ['before', { operation: 'DELETE', after: undefined, before: { id: 'o1', companyId: 'c2', locationId: 'l2' } }],
  ])('takes company and location of its key from the row (%s), which the event may leave out', (_title, members) => {
    const message = encodeMessage(eventOf({ ...members, locationId: undefined }), { ordering: true })
    expect(message.orderingKey).toBe('order.c2.l2.o1')
    expect(message.attributes.companyId).toBe('c1')
  })

  it('has the attributes of the configuration instead of those of the event', () => {
    const message = encodeMessage(eventOf(), { ordering: false, attributes: { serviceName: 'My First Event Sync' } })
    expect(message.attributes).toEqual({ serviceName: 'My First Event Sync' })
  })

  it('has no ordering key when ordering is off', () => {
    expect(encodeMessage(eventOf(), { ordering: false })).not.toHaveProperty('orderingKey')
  })

  it('keeps within the limits of keys and attributes', () => {
    const { attributes, orderingKey } = encodeMessage(
      eventOf({ table: 't'.repeat(2_000), key: ['r', 'é'.repeat(900)] }),
      { ordering: true },
    )
    expect(Buffer.byteLength(orderingKey ?? '')).toBe(1_024)
    expect(Buffer.byteLength(attributes.table ?? '')).toBe(1_024)
  })
})

describe('bound text', () => {
  it.each([
    ['short', 'abc'],
    ['as long as may be', 'a'.repeat(100)],
    ['as long as may be in UTF-8', 'é'.repeat(50)],
    ['a whole surrogate pair', '😀'],
  ])('%s stays as it is', (_title, text) => {
    expect(boundText(text, 100)).toBe(text)
  })

  it('replaces half a surrogate pair, which UTF-8 cannot hold', () => {
    expect(boundText('a\ud83d', 100)).toBe('a\ufffd')
  })

  it.each([['a'], ['é'], ['€'], ['😀']])('shortens a run of %s without cutting a character', (character) => {
    const bound = boundText(character.repeat(101), 100)
    expect(Buffer.byteLength(bound)).toBeLessThanOrEqual(100)
    expect(Buffer.byteLength(bound)).toBeGreaterThan(96)
    expect(bound).toMatch(new RegExp(`^(?:${character})+~[\\w-]{43}$`, 'u'))
  })

  it('gives different texts to different keys with the same beginning, and the same to the same', () => {
    const [one, other] = ['1', '2'].map((end) => orderingKeyOf(eventOf({ key: ['r', 'k'.repeat(2_000) + end] })))
    expect(one).not.toBe(other)
    expect(orderingKeyOf(eventOf({ key: ['r', `${'k'.repeat(2_000)}1`] }, 7))).toBe(one)
  })
})

describe('size', () => {
  it('counts data, attributes and key, and a little more than their encoding', () => {
    const event = eventOf()
    const parts = event.bytes.length + 'ordertableINSERToperationc1companyIdl1locationIdevent-1idv1modelVersion'.length
    const bytes = messageBytes(encodeMessage(event, { ordering: true }))
    expect(bytes).toBeGreaterThan(parts + 'order.c1.l1.o1'.length)
    expect(bytes).toBeLessThan(parts + 300)
  })

  it('is named when it is too large', () => {
    const error = tooLarge(eventOf(), 12_345_678, maxMessageBytes('projects/p/topics/t'))
    expect(error.code).toBe('record')
    expect(error.message).toContain('12,345,678 bytes')
    expect(error.fix).toContain('9,999,969')
  })
})
