import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type ShopOptions, shopCompanies, shopEvents, shopSchemas, shopTables } from '../src/index.js'
import { eventList, parsed } from './read-events.js'

function hashOf(options: ShopOptions): string {
  const hash = createHash('sha256')
  for (const event of shopEvents(options)) hash.update(event.subject).update(event.bytes)
  return hash.digest('hex').slice(0, 16)
}

describe('determinism', () => {
  it.each<[string, Partial<ShopOptions>, string]>([
    ['realistic', {}, '80f013e4554db41d'],
    ['small', { rowBytes: 'small' }, '9a3ab5618e9182e7'],
    ['hostile', { values: 'hostile' }, 'ad45943d6dd4433a'],
    ['partial', { partialUpdates: 0.4 }, '8456cb76787bacc6'],
  ])('gives the recorded bytes: %s', (_, options, hash) => {
    expect(hashOf({ seed: 42, events: 3_000, ...options })).toBe(hash)
  })

  it('depends on the seed, on both its halves', () => {
    const hashes = [1, 2, 1 + 2 ** 32].map((seed) => hashOf({ seed, events: 50 }))
    expect(new Set(hashes).size).toBe(3)
  })

  it('begins anew when iterated again', () => {
    const events = shopEvents({ seed: 7, events: 20 })
    expect([...events].map(({ bytes }) => bytes.toString())).toEqual([...events].map(({ bytes }) => bytes.toString()))
  })
})

describe('events', () => {
  const events = eventList()

  it('are what their fields say', () => {
    for (const event of events) {
      const json = parsed(event)
      const { id, table, operation, modelVersion, companyId, timestamp, mvccTimestamp } = json
      expect(event).toMatchObject({ id, table, operation, modelVersion, companyId, timestamp, mvccTimestamp })
      expect(json.locationId).toBe(event.locationId)
      expect(json.key).toEqual(['gcp-us-west1', ...event.primaryKey])
    }
  })

  it('carry the images that belong to the operation', () => {
    for (const event of events) {
      const { before, after, diff } = parsed(event)
      expect([before !== undefined, after !== undefined, diff !== undefined]).toEqual(
        { INSERT: [false, true, false], UPDATE: [true, true, true], DELETE: [true, false, false] }[event.operation],
      )
    }
  })

  it('have subjects that the consumers filter by', () => {
    const companies = shopCompanies()
    for (const { subject, table, operation, companyId, locationId } of events) {
      expect(subject).toBe(`dbchange.${table}.${operation}.${companyId}.${locationId ?? 'NONE'}.PUBLIC.2`)
      expect(companies).toContain(companyId)
    }
    expect(new Set(events.map(({ companyId }) => companyId)).size).toBe(3)
    expect(events.some(({ locationId }) => locationId === undefined)).toBe(true)
  })

  it('have unique ids and rising timestamps, some apart in the logical part only', () => {
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length)
    const stamps = events.map(({ mvccTimestamp }) => mvccTimestamp)
    expect(stamps).toEqual([...stamps].sort())
    expect(new Set(stamps).size).toBe(stamps.length)
    for (const { timestamp, mvccTimestamp } of events) {
      expect(mvccTimestamp).toMatch(/^\d{19}\.\d{10}$/)
      expect(mvccTimestamp.startsWith(String(timestamp))).toBe(true)
    }
    expect(stamps.some((stamp) => !stamp.endsWith('.0000000000'))).toBe(true)
  })

  it('name in diff exactly the columns that an update made anew', () => {
    for (const event of events.filter(({ operation }) => operation === 'UPDATE')) {
      const { before = {}, after = {}, diff = [] } = parsed(event)
      const changed = Object.keys(before).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
      expect(diff).toEqual(expect.arrayContaining(changed))
      expect(diff).toContain('updatedDate')
    }
  })

  it('sometimes have fields that nothing knows, around and in the row', () => {
    const texts = events.map(({ bytes }) => bytes.toString())
    expect(texts.some((text) => text.startsWith('{"source"'))).toBe(true)
    expect(texts.some((text) => text.includes('"sessionId"'))).toBe(true)
    expect(events.some((event) => parsed(event).after?._shadow !== undefined)).toBe(true)
  })

  it('follow the mix, and touch every table', () => {
    const list = eventList({ mix: { insert: 60, update: 30, delete: 10 }, events: 5_000, rowBytes: 'small' })
    const share = (name: string) => list.filter(({ operation }) => operation === name).length / list.length
    expect(share('INSERT')).toBeCloseTo(0.6, 1)
    expect(share('UPDATE')).toBeCloseTo(0.3, 1)
    expect(share('DELETE')).toBeCloseTo(0.1, 1)
    expect([...new Set(list.map(({ table }) => table))].sort()).toEqual([...shopTables].sort())
  })
})

describe('rows', () => {
  it('are 1 to 8 KB, or small with 20 columns', () => {
    const sizes = eventList()
      .filter(({ operation }) => operation === 'INSERT')
      .map((event) => Buffer.byteLength(JSON.stringify(parsed(event).after)))
    expect(Math.min(...sizes)).toBeGreaterThan(800)
    expect(Math.max(...sizes)).toBeLessThan(8_000)
    const small = eventList({ rowBytes: 'small', tables: ['order'] })
    const mean = small.reduce((sum, { bytes }) => sum + bytes.length, 0) / small.length
    expect(mean).toBeGreaterThan(900)
    expect(mean).toBeLessThan(1_600)
    expect(Object.keys(shopSchemas({ rowBytes: 'small' }).latest.get('order')?.properties ?? {})).toHaveLength(20)
  })

  it('are inserted once, changed while they live, and inserted again only after a delete', () => {
    const live = new Set<string>()
    const dead = new Set<string>()
    for (const { table, primaryKey, operation, reinsert } of eventList({ events: 10_000, rowBytes: 'small' })) {
      const key = JSON.stringify([table, ...primaryKey])
      expect(live.has(key)).toBe(operation !== 'INSERT')
      if (operation === 'INSERT') expect(reinsert).toBe(dead.has(key))
      if (operation === 'INSERT') live.add(key)
      if (operation !== 'DELETE') continue
      live.delete(key)
      dead.add(key)
    }
  })

  it('come back after a delete, some of them soon', () => {
    const events = eventList({ events: 5_000, rowBytes: 'small' })
    expect(events.filter(({ reinsert }) => reinsert).length).toBeGreaterThan(100)
  })

  it('are changed again and again while they are new', () => {
    const updates = eventList({ events: 5_000, rowBytes: 'small', tables: ['order'], liveRows: 100 })
      .filter(({ operation }) => operation === 'UPDATE')
      .map(({ primaryKey }) => primaryKey[0])
    const counts = new Map<string | undefined, number>()
    for (const key of updates) counts.set(key, (counts.get(key) ?? 0) + 1)
    expect(Math.max(...counts.values())).toBeGreaterThan(5)
  })

  it('have keys of several columns, and keys that differ in case only', () => {
    const events = eventList({ events: 5_000, rowBytes: 'small' })
    const lengths = new Set(events.map(({ primaryKey }) => primaryKey.length))
    expect(lengths).toEqual(new Set([1, 2]))
    const first = events.filter(({ table }) => table === 'vehicle_owner').map(({ primaryKey }) => primaryKey)
    expect(new Set(first.map(([vehicle]) => vehicle)).size).toBeLessThan(new Set(first.map(String)).size)
    const labels = new Set(events.filter(({ table }) => table === 'label').map(({ primaryKey }) => primaryKey[0] ?? ''))
    expect([...labels].some((label) => label !== label.toUpperCase() && labels.has(label.toUpperCase()))).toBe(true)
  })
})

describe('partial updates', () => {
  it('hold the changed columns and mostly the key', () => {
    const updates = eventList({ partialUpdates: 1 }).filter(({ operation }) => operation === 'UPDATE')
    const keys = shopSchemas().latest
    let withoutKey = 0
    for (const event of updates) {
      const { after = {}, diff = [] } = parsed(event)
      const primaryKeys = keys.get(event.table)?.primaryKeys ?? []
      expect(event.partial).toBe(true)
      expect(Object.keys(after).filter((name) => !primaryKeys.includes(name))).toEqual(diff)
      if (!primaryKeys.every((name) => name in after)) withoutKey += 1
    }
    expect(withoutKey).toBeGreaterThan(0)
    expect(withoutKey).toBeLessThan(updates.length / 2)
  })

  it('are as many as asked for', () => {
    const updates = eventList({ partialUpdates: 0.3, events: 5_000, rowBytes: 'small' }).filter(
      ({ operation }) => operation === 'UPDATE',
    )
    expect(updates.filter(({ partial }) => partial).length / updates.length).toBeCloseTo(0.3, 1)
  })
})

describe('versions', () => {
  it('change during the stream and overlap around each change', () => {
    const events = eventList({ tables: ['order'], rowBytes: 'small' })
    const order = shopSchemas({ rowBytes: 'small', tables: ['order'] }).versions.map(({ modelVersion }) => modelVersion)
    const places = events.map(({ modelVersion }) => order.indexOf(modelVersion))
    expect(new Set(places)).toEqual(new Set([0, 1, 2]))
    for (const older of [0, 1]) {
      const firstOfNewer = places.indexOf(older + 1)
      expect(places.lastIndexOf(older)).toBeGreaterThan(firstOfNewer)
      expect(places.lastIndexOf(older)).toBeLessThan(firstOfNewer + places.length / 10)
    }
  })
})

describe('options', () => {
  it.each<[string, Partial<ShopOptions>]>([
    ['order_item', { tables: ['order', 'order_item'] }],
    ['at least one table', { tables: [] }],
    ['partialUpdates', { partialUpdates: 2 }],
    ['mix', { mix: { insert: 0, update: 0, delete: 0 } }],
    ['mix', { mix: { insert: -1 } }],
    ['companies', { companies: 0 }],
    ['seed', { seed: 0.5 }],
    ['events', { events: -1 }],
    ['liveRows', { liveRows: 0 }],
  ])('are refused by name: %s', (name, options) => {
    expect(() => shopEvents({ seed: 1, events: 1, ...options })).toThrow(name)
  })

  it('bound the rows that are changed later', () => {
    const mix = { delete: 0 }
    const events = eventList({ liveRows: 10, tables: ['order'], rowBytes: 'small', mix })
    const inserted = new Map(
      events.filter(({ operation }) => operation === 'INSERT').map((e) => [e.primaryKey[0], e.index]),
    )
    const inserts = events.filter(({ operation }) => operation === 'INSERT').map(({ index }) => index)
    for (const { operation, primaryKey, index } of events) {
      if (operation !== 'UPDATE') continue
      const since = inserted.get(primaryKey[0]) ?? 0
      if (since < index) expect(inserts.filter((other) => other > since && other < index).length).toBeLessThan(10)
    }
  })
})
