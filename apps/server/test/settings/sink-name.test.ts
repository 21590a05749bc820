import { describe, expect, it } from 'vitest'
import { sinkNameFor, splitName } from '../../src/settings/sink-name.js'

describe('splitName', () => {
  it.each([
    ['orders=postgres://db/shop', { name: 'orders', url: 'postgres://db/shop' }],
    ['a-b_2=file:///a=b', { name: 'a-b_2', url: 'file:///a=b' }],
    ['postgres://db/shop?a=kafka://x', { url: 'postgres://db/shop?a=kafka://x' }],
    ['file:///a=b', { url: 'file:///a=b' }],
    ['not a name=file:///a', { url: 'not a name=file:///a' }],
  ])('%s', (text, expected) => {
    expect(splitName(text)).toEqual(expected)
  })
})

describe('sinkNameFor', () => {
  it.each([
    ['postgres', 'postgres://u:p@db.example.com:5432/orders', /^postgres-orders-[0-9a-f]{8}$/],
    ['file', 'file:///var/lib/eds/Out%20put', /^file-Out-put-[0-9a-f]{8}$/],
    ['kafka', 'kafka://broker.example.com:9092', /^kafka-broker-[0-9a-f]{8}$/],
    ['eventhub', 'eventhub://ns.example.com/;SharedAccessKey=abcdef;EntityPath=h', /^eventhub-ns-[0-9a-f]{8}$/],
    ['file', 'file:///', /^file-[0-9a-f]{8}$/],
  ])('%s %s', (driver, url, name) => {
    expect(sinkNameFor(driver, url)).toMatch(name)
  })

  it('stays the same when user, password and options change', () => {
    const name = sinkNameFor('postgres', 'postgres://db:5432/orders')
    expect(sinkNameFor('postgres', 'postgres://eds:p@ss/w#rd@db:5432/orders?sslmode=require')).toBe(name)
    expect(sinkNameFor('postgres', 'postgresql://other:secret@db:5432/orders?guard=true')).toBe(name)
    const hub = (key: string) => sinkNameFor('eventhub', `eventhub://ns/;SharedAccessKey=${key};EntityPath=h`)
    expect(hub('rotated')).toBe(hub('original'))
  })

  it('differs for another host, port, database and driver', () => {
    const names = [
      sinkNameFor('postgres', 'postgres://db:5432/orders'),
      sinkNameFor('postgres', 'postgres://db:5433/orders'),
      sinkNameFor('postgres', 'postgres://other:5432/orders'),
      sinkNameFor('postgres', 'postgres://db:5432/stock'),
      sinkNameFor('mysql', 'mysql://db:5432/orders'),
    ]
    expect(new Set(names).size).toBe(names.length)
  })
})
