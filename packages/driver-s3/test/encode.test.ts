import { gunzipSync } from 'node:zlib'
import { type ChangeEvent, EdsError } from '@eds/core'
import { expect, it } from 'vitest'
import { planFiles, planRowObjects } from '../src/encode.js'
import { ndjsonChunks, oneLine } from '../src/ndjson.js'
import { inParts } from '../src/upload.js'
import { eventFrom, eventOf, someTime } from './fixtures.js'

const hour = 3_600_000
const options = { prefix: 'p', ending: '.x', first: '1', last: '9', byVersion: false }

it('row objects: the changes of one object are together, in order, whatever row they are of', () => {
  const events = [
    eventOf({ key: ['r', 'a'] }),
    eventOf({ key: ['r', 'b'] }),
    eventOf({ key: ['r', 'a'], operation: 'DELETE' }),
    eventOf({ key: ['r', 'c'] }, { objectPath: 'order/b.json' }),
    eventOf({ key: ['r', 'x'.repeat(2_000)] }),
  ]
  const { objects, failures } = planRowObjects('p', events)
  expect(objects).toEqual([
    { key: 'p/order/a.json', indexes: [0, 2] },
    { key: 'p/order/b.json', indexes: [1, 3] },
  ])
  expect(failures.map(({ index, error }) => [index, error.code])).toEqual([[4, 'record']])
})

it('files: one per table and hour, named by the positions of the batch', () => {
  const events = [
    eventOf(),
    eventOf({ timestamp: someTime + hour }),
    eventOf({ table: 'a/b' }),
    eventOf({ modelVersion: 'v2' }),
  ]
  const { files } = planFiles(events, options)
  expect(files.map(({ key, events: of }) => [key, of.map((event) => events.indexOf(event))])).toEqual([
    ['p/order/date=2024-07-11/hour=21/1-9.x', [0, 3]],
    ['p/order/date=2024-07-11/hour=22/1-9.x', [1]],
    ['p/a%2Fb/date=2024-07-11/hour=21/1-9.x', [2]],
  ])
})

it('files by version: the name tells the version, and stays the same without the events of another', () => {
  const [older, newer, strange] = ['v1', 'v2', '../v3'].map((modelVersion) =>
    eventOf({ key: ['r', modelVersion], modelVersion }),
  )
  const keysOf = (...events: ChangeEvent[]) =>
    planFiles(events, { ...options, byVersion: true }).files.map(({ key }) => key.replace(/.*\//, ''))
  expect(keysOf(older!, newer!, older!, strange!)).toEqual(['1-9_v1.x', '1-9_v2.x', '1-9_%2E.%2Fv3.x'])
  expect(keysOf(newer!, older!)).toEqual(['1-9_v2.x', '1-9_v1.x'])
  const check = (event: ChangeEvent) => (event === older ? new EdsError('record', 'poison') : undefined)
  const { files } = planFiles([older!, newer!], { ...options, byVersion: true, check })
  expect(files.map(({ key }) => key)).toEqual(['p/order/date=2024-07-11/hour=21/1-9_v2.x'])
})

it('files: what follows a refused event in its row is refused too', () => {
  const events = [eventOf({ key: ['r', 'a'] }), eventOf({ key: ['r', 'b'] }), eventOf({ key: ['r', 'a'] })]
  const check = (event: unknown) => (event === events[0] ? new EdsError('record', 'poison') : undefined)
  const { files, failures } = planFiles(events, { ...options, check })
  expect(files.flatMap(({ events }) => events)).toEqual([events[1]])
  expect(failures.map(({ index, error }) => [index, error.code])).toEqual([
    [0, 'record'],
    [2, 'record'],
  ])
})

async function compressed(events: Parameters<typeof ndjsonChunks>[0]): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of ndjsonChunks(events)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

it('lines: the bytes as they came, one line each, the same compressed bytes every time', async () => {
  const pretty = eventFrom(`{\r\n"operation":"INSERT","id":"1","table":"t","key":["r","a"],"modelVersion":"1",
"timestamp":1,"mvccTimestamp":"1.0","after":{"text":"a\\nb"}}`)
  const many = Array.from({ length: 500 }, (_, index) => eventOf({ key: ['r', String(index)] }))
  const file = await compressed([pretty, ...many])
  const lines = gunzipSync(file).toString().split('\n')
  expect(lines).toHaveLength(502)
  expect(JSON.parse(lines[0]!)).toEqual(JSON.parse(Buffer.from(pretty.bytes).toString()))
  expect(lines.slice(1, -1)).toEqual(many.map(({ bytes }) => Buffer.from(bytes).toString()))
  expect(await compressed([pretty, ...many])).toEqual(file)
  expect(oneLine(many[0]!.bytes)).toBe(many[0]!.bytes)
})

it('lines: a failure reaches the reader', async () => {
  const broken = Object.defineProperty(eventOf(), 'bytes', {
    get() {
      throw new Error('no bytes')
    },
  })
  await expect(compressed([eventOf(), broken])).rejects.toThrow('no bytes')
})

it.each([
  [[], []],
  [['abc'], ['abc']],
  [['abcd'], ['abcd']],
  [['abcde'], ['abcd', 'e']],
  [
    ['a', 'bc', '', 'defghij', 'k'],
    ['abcd', 'efgh', 'ijk'],
  ],
  [['abcdefgh'], ['abcd', 'efgh']],
])('parts of four: %j → %j', async (chunks, parts) => {
  const found: string[] = []
  for await (const part of inParts(
    chunks.map((text) => Buffer.from(text)),
    4,
  ))
    found.push(Buffer.from(part).toString())
  expect(found).toEqual(parts)
})
