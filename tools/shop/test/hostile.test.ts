import { describe, expect, it } from 'vitest'
import type { HostileClass } from '../src/index.js'
import { eventList, parsed } from './read-events.js'

/** What an event's text must show when it claims a class. */
const evidence: Readonly<Record<HostileClass, RegExp>> = {
  nul: /\\u0000/,
  nulInJson: /\\u0000/,
  loneSurrogate: /\\ud800|\\uDC00|\\udd27\\ud83d/,
  loneSurrogateInJson: /\\ud800/,
  hugeInteger: /-?(?:9223372036854775808|9223372036854775809|123456789012345678901234567890)/,
  longDecimal: /\.\d{30}/,
  hugeExponent: /1[eE]\+?400/,
  hugeNumberInJson: /123456789012345678901234567890|1e400/,
  deepJson: /(?:\{"a":\[){60}/,
  prototypeKey: /"__proto__"/,
  farDate: /"0001-01-01|"9999-12-31/,
  longText: /[^"]{65536}/,
  oddKey: /"key":\["[^"]+","(?:[^"]*[^-0-9a-zA-Z"]|.{65})/,
  emptyKey: /"key":\[\]/,
}

describe('hostile values', () => {
  const events = eventList({ values: 'hostile', events: 6_000, rowBytes: 'small' })
  const classes = Object.keys(evidence) as HostileClass[]

  it.each(classes)('occur: %s', (hostileClass) => {
    const claimed = events.filter(({ hostile }) => hostile.includes(hostileClass))
    expect(claimed.length).toBeGreaterThan(0)
    for (const { bytes } of claimed.slice(0, 50)) expect(bytes.toString()).toMatch(evidence[hostileClass])
  })

  it('leave most events alone', () => {
    const clean = events.filter(({ hostile }) => hostile.length === 0)
    expect(clean.length / events.length).toBeGreaterThan(0.6)
    expect(clean.length / events.length).toBeLessThan(0.95)
  })

  it('are claimed only by events that have to be stored with them', () => {
    const nul = events.filter((event) => JSON.stringify(parsed(event).after)?.includes('\\u0000'))
    expect(nul.length).toBeGreaterThan(0)
    for (const { hostile } of nul) expect(hostile.some((name) => name === 'nul' || name === 'nulInJson')).toBe(true)
  })

  it('keep a key when the event has none', () => {
    for (const event of events.filter(({ hostile }) => hostile.includes('emptyKey'))) {
      const { before, after } = parsed(event)
      expect((after ?? before)?.id).toBe(event.primaryKey[0])
    }
  })

  it('keep keys unique', () => {
    const inserted = events.filter(({ operation, reinsert }) => operation === 'INSERT' && !reinsert)
    expect(new Set(inserted.map(({ table, primaryKey }) => JSON.stringify([table, ...primaryKey]))).size).toBe(
      inserted.length,
    )
  })
})

describe('plain values', () => {
  it('are none of these', () => {
    for (const event of eventList({ events: 3_000 })) {
      const text = event.bytes.toString()
      expect(event.hostile).toEqual([])
      expect(text).not.toContain('\\u0000')
      expect(JSON.parse(text)).toSatisfy(isWellFormed)
      expect(event.primaryKey.join('')).toMatch(/^[-0-9a-zA-Z]{1,64}/)
    }
  })
})

function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return Buffer.from(value).toString() === value
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(([name, member]) => isWellFormed(name) && isWellFormed(member))
}
