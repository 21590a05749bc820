import { describe, expect, it } from 'vitest'
import { onlyCompanies, onlyTables, skipImported } from '../src/index.js'
import { makeEvent } from './events.js'

describe('skipImported', () => {
  it('skips events from before the export of their table', () => {
    const exportedAt = new Map([['order', 1000]])
    const stage = skipImported(exportedAt)
    const [older, same, newer] = [999, 1000, 1001].map((timestamp) => makeEvent({ timestamp, mvccTimestamp: '' }))
    expect([older, same, newer].map((event) => stage(event!))).toEqual([undefined, same, newer])
    const other = makeEvent({ table: 'line', timestamp: 0, mvccTimestamp: '' })
    expect(stage(other)).toBe(other)
    exportedAt.set('line', 1)
    expect(stage(other)).toBeUndefined()
  })
})

describe('skipImported, of events made before an export', () => {
  it.each([
    ['999999999.0000000000', false],
    ['999999999', false],
    ['1000000000.0000000000', true],
    ['1000000001.0000000000', true],
  ])('committed at %s ns', (mvccTimestamp, passes) => {
    const event = makeEvent({ timestamp: 900, mvccTimestamp })
    expect(skipImported(new Map([['order', 1000]]))(event) === event).toBe(passes)
  })
})

describe('onlyCompanies', () => {
  it('passes the events of these companies', () => {
    const stage = onlyCompanies(['a', 'b'])
    const event = makeEvent({ companyId: 'b' })
    expect(stage(event)).toBe(event)
    expect(stage(makeEvent({ companyId: 'c' }))).toBeUndefined()
    expect(stage(makeEvent())).toBeUndefined()
  })
})

describe('onlyTables', () => {
  it('passes the events of these tables', () => {
    const stage = onlyTables(new Set(['order']))
    const event = makeEvent()
    expect(stage(event)).toBe(event)
    expect(stage(makeEvent({ table: 'line' }))).toBeUndefined()
  })
})
