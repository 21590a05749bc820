import { describe, expect, it } from 'vitest'
import { onlyCompanies, onlyTables, skipImported } from '../src/index.js'
import { makeEvent } from './events.js'

describe('skipImported', () => {
  it('skips events from before the export of their table', () => {
    const exportedAt = new Map([['order', 1000]])
    const stage = skipImported(exportedAt)
    const [older, same, newer] = [999, 1000, 1001].map((timestamp) => makeEvent({ timestamp }))
    expect([older, same, newer].map((event) => stage(event!))).toEqual([undefined, same, newer])
    const other = makeEvent({ table: 'line', timestamp: 0 })
    expect(stage(other)).toBe(other)
    exportedAt.set('line', 1)
    expect(stage(other)).toBeUndefined()
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
