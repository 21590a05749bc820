import { describe, expect, it } from 'vitest'
import { fileName, oneLine, planFiles, planLines } from '../src/encode.js'
import { event, eventOf, numbered } from './fixtures/events.js'

const names = [
  ['one key column', { key: ['gcp-us-west1', '0b0e-5f4c'] }, '1720732611-0b0e-5f4c.json'],
  ['no region', { key: ['only'] }, '1720732611-only.json'],
  ['no key but a row id', { key: [], after: { id: 'row-1' } }, '1720732611-row-1.json'],
  ['no key and a numeric row id', { key: [], after: { id: 42 } }, '1720732611-42.json'],
  ['nothing that can be a key', { key: [], id: 'change-1', after: { id: {} } }, '1720732611-change-1.json'],
  ['several key columns', { key: ['region', 'a', 'b'] }, '1720732611-a-b.json'],
  ['several key columns with dashes', { key: ['region', 'a-b', 'c'] }, '1720732611-a%2Db-c.json'],
  ['the same dashes elsewhere', { key: ['region', 'a', 'b-c'] }, '1720732611-a-b%2Dc.json'],
  ['an empty key column', { key: ['region', '', 'b'] }, '1720732611-%-b.json'],
  ['a hostile key', { key: ['region', '../../outside'] }, '1720732611-%2E.%2F..%2Foutside.json'],
  ['a change before 1970', { timestamp: -1 }, '-1-row.json'],
] as const

describe('fileName', () => {
  it.each(names)('%s', (_, fields, name) => {
    expect(fileName(event(fields))).toBe(name)
  })

  it('fits, however long the key is', () => {
    const long = ['k'.repeat(300), 'ä'.repeat(300)]
    for (const key of [
      ['region', long[0]!],
      ['region', ...long],
      ['region', long[0]!, 'other'],
    ]) {
      expect(Buffer.byteLength(fileName(event({ key })))).toBeLessThanOrEqual(255)
    }
    expect(fileName(event({ key: ['region', ...long] }))).not.toBe(fileName(event({ key: ['region', long[0]!, 'x'] })))
  })
})

describe('planFiles', () => {
  it('keeps the last of the events that share a file name', () => {
    const first = event({ id: 'first', timestamp: 1_000 })
    const second = event({ id: 'second', timestamp: 1_999 })
    const later = event({ id: 'later', timestamp: 2_000 })
    const plan = planFiles([first, second, later])
    expect([...plan.keys()]).toEqual(['order'])
    expect([...plan.get('order')!]).toEqual([
      ['1-row.json', second.bytes],
      ['2-row.json', later.bytes],
    ])
  })

  it('gives each table a folder of its own', () => {
    const plan = planFiles(['order', '../order', '.'].map((table) => event({ table })))
    expect([...plan.keys()]).toEqual(['order', '%2E.%2Forder', '%2E'])
  })
})

describe('planLines', () => {
  it('collects lines by table, in order', () => {
    const plan = planLines([numbered(1, 'a'), numbered(2, 'b'), numbered(3, 'a')])
    const text = (table: string) => Buffer.concat(plan.get(table)!.pieces).toString()
    expect(text('a')).toBe(`${numbered(1, 'a').bytes}\n${numbered(3, 'a').bytes}\n`)
    expect(plan.get('a')!.bytes).toBe(Buffer.byteLength(text('a')))
    expect(text('b')).toBe(`${numbered(2, 'b').bytes}\n`)
  })
})

describe('oneLine', () => {
  it('does not copy what is one line', () => {
    const { bytes } = event()
    expect(oneLine(bytes)).toBe(bytes)
  })

  it('makes one line of pretty-printed JSON, which stays the same event', () => {
    const pretty = eventOf(
      JSON.stringify({ ...JSON.parse(`${event().bytes}`), after: { text: 'a\r\nb' } }, null, 2).replace(/\n/g, '\r\n'),
    )
    const line = Buffer.from(oneLine(pretty.bytes)).toString()
    expect(line).not.toMatch(/[\r\n]/)
    expect(JSON.parse(line)).toEqual(JSON.parse(`${pretty.bytes}`))
    expect(Buffer.byteLength(line)).toBe(pretty.bytes.length)
  })
})
