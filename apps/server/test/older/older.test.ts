import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createPipeline, type Delivery, memoryState, type Source, sink } from '@eds/core'
import file from '@eds/driver-file'
import { describe, expect, test } from 'vitest'
import { byCursor, companyLanes } from '../../src/older/company-lanes.js'
import { dryRunSink } from '../../src/older/dry-run-sink.js'
import { dumping } from '../../src/older/dump-source.js'
import { temporaryFolder } from '../eds.js'

const { signal } = new AbortController()

function eventText(table: string, id: string): string {
  const fields = { operation: 'INSERT', id, table, key: ['r', id], modelVersion: '1', after: { id }, timestamp: 1 }
  return JSON.stringify({ ...fields, mvccTimestamp: '1.0' })
}

/** A source of these texts, which ends after them. */
function textSource(name: string, ...texts: string[]): Source & { readonly forgotten: string[]; isClosed: boolean } {
  const deliveries: Delivery[] = texts.map((text, index) => ({
    position: `${index + 1}`,
    time: 1700000000123,
    bytes: Buffer.from(text),
  }))
  const source = {
    description: name,
    forgotten: [] as string[],
    isClosed: false,
    open: async () => ({
      async *[Symbol.asyncIterator]() {
        yield deliveries
      },
      acknowledge: async () => {},
      close: async () => {},
    }),
    forget: async (cursor: string) => void source.forgotten.push(cursor),
    close: async () => {
      source.isClosed = true
    },
  }
  return source
}

async function textsOf(source: Source, cursor: string): Promise<string[]> {
  const reader = await source.open({ cursor, start: { at: 'beginning' }, signal })
  const texts: string[] = []
  for await (const chunk of reader) texts.push(...chunk.map(({ bytes }) => Buffer.from(bytes).toString()))
  return texts
}

describe('lanes', () => {
  const planned = (name: string) => ({ sink: sink(file, 'file:///tmp/x', { name }), destination: 'file:///tmp/x' })
  const lanes = (companyIds: string[], prefix = '', takesOver = true) =>
    companyLanes([planned('a'), planned('b')], companyIds, { prefix, takesOver }).map(
      ({ sink: { sink }, companyId, consumer }) => [sink.name, companyId, consumer],
    )

  test('with one company have the names of their sinks, and the first goes on where the older server stopped', () => {
    expect(lanes(['c1'], 'My')).toEqual([
      ['a', 'c1', 'Myeds-server-c1'],
      ['b', 'c1', 'Myedsd-b-c1'],
    ])
  })

  test('are one for each sink and company', () => {
    expect(lanes(['c1', 'c2'])).toEqual([
      ['a-c1', 'c1', 'eds-server-c1'],
      ['a-c2', 'c2', 'eds-server-c2'],
      ['b-c1', 'c1', 'edsd-b-c1'],
      ['b-c2', 'c2', 'edsd-b-c2'],
    ])
  })

  test.each([[[]], [['*']]])('take all companies where none is named: %j', (companyIds) => {
    expect(lanes(companyIds, 'My')).toEqual([
      ['a', undefined, 'Myedsd-a'],
      ['b', undefined, 'Myedsd-b'],
    ])
  })

  test("leave the older server's consumers alone when asked to", () => {
    expect(lanes(['c1'], '', false)[0]).toEqual(['a', 'c1', 'edsd-a-c1'])
  })

  test('read each from its own source', async () => {
    const [first, second] = [textSource('one', eventText('t', '1')), textSource('two', eventText('t', '2'))]
    const source = byCursor(
      new Map([
        ['a', first],
        ['b', second],
        ['c', second],
      ]),
    )
    expect(await textsOf(source, 'a')).toEqual([eventText('t', '1')])
    expect(await textsOf(source, 'c')).toEqual([eventText('t', '2')])
    await source.forget('b')
    await source.close()
    expect([first.forgotten, second.forgotten, first.isClosed, second.isClosed]).toEqual([[], ['b'], true, true])
    await expect(source.open({ cursor: 'z', start: { at: 'now' }, signal })).rejects.toThrow(/cursor z/)
  })
})

describe('dumping', () => {
  test('writes each message as it came, under a name that leads nowhere else, and passes it on', async () => {
    const directory = join(temporaryFolder(), 'dump')
    const texts = [eventText('order', 'e1'), eventText('../../x', '../e2'), 'not JSON', eventText('', 'e4')]
    expect(await textsOf(dumping(textSource('s', ...texts), directory), 'a')).toEqual(texts)
    const names = (await readdir(directory)).sort()
    expect(names).toEqual([
      '--..-x_1700000000123000000_--e2.json',
      '-_1700000000123000000_e4.json',
      'order_1700000000123000000_e1.json',
      'unknown_1700000000123000000_3.json',
    ])
    expect(await readFile(join(directory, 'order_1700000000123000000_e1.json'), 'utf8')).toBe(texts[0])
  })
})

test('a dry run takes every event, writes none and remembers nothing', async () => {
  const directory = join(temporaryFolder(), 'out')
  await mkdir(directory)
  const real = sink(file, `file://${directory}`, { name: 'files' })
  const dry = dryRunSink(real)
  const pipeline = createPipeline({ source: textSource('s', eventText('t', '1')), sinks: [dry], state: memoryState() })
  await pipeline.run()
  expect(pipeline.lanes[0]?.status()).toMatchObject({ sink: 'files-dry-run', totalEvents: 1 })
  expect(await readdir(directory)).toEqual([])
})
