import { describe, expect, it } from 'vitest'
import { parseStart } from '../../src/settings/start.js'

const now = Date.parse('2024-07-01T12:00:00Z')

describe('parseStart', () => {
  it.each([
    ['new', { at: 'now' }],
    ['now', { at: 'now' }],
    ['beginning', { at: 'beginning' }],
    ['2h', { at: 'time', time: now - 7_200_000 }],
    ['2024-06-30T10:00:00Z', { at: 'time', time: Date.parse('2024-06-30T10:00:00Z') }],
    ['2024-06-30T10:00:00.5+02:00', { at: 'time', time: Date.parse('2024-06-30T08:00:00.500Z') }],
    ['2024-06-30', { at: 'time', time: Date.parse('2024-06-30T00:00:00Z') }],
  ])('%s', (text, start) => {
    expect(parseStart(text, now)).toEqual(start)
  })

  it.each(['yesterday', '', '2024', '0000000000000042', '2024-13-45'])('refuses %o', (text) => {
    expect(parseStart(text, now)).toBeUndefined()
  })
})
