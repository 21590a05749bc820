import { type ChangeEvent, EdsError, parseJson, type Row } from '@eds/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ImportLines } from '../src/import-lines.js'
import { planPostgresTable } from '../src/plan.js'
import { catalogOf, eventOf, schemaOf } from './fixtures.js'

const schema = schemaOf('item', {
  name: 'string',
  short: 'string',
  size: 'integer',
  small: 'integer',
  price: 'number',
  amount: 'number',
  done: 'boolean',
  at: 'string',
  tags: 'array!',
  words: 'array',
  document: 'object',
})
const found = catalogOf(schema, {
  short: { type: 'varchar', maxLength: 3 },
  small: { type: 'int2' },
  amount: { type: 'numeric' },
  at: { type: 'timestamptz' },
  words: { type: '_text', category: 'A' },
})

const planOf = (guard: boolean) => planPostgresTable([schema], found, { schemaName: 'public', guard, nextId: () => 1 })
const linesFor = (guard: boolean) => new ImportLines(planOf(guard), schema.modelVersion)
const columns = planOf(false).columns.map(({ name }) => name)

/** A row of an import that was read, or one that reads itself when it has to. */
function rowOf(text: string, unread: boolean): ChangeEvent {
  const made = eventOf('INSERT', 'item', { id: 'x' }, { imported: true })
  const event = { ...made, escapes: 'unicode' as const, mvccTimestamp: '1.0' }
  const after = () => parseJson(text) as Row
  if (!unread) return { ...event, after: after() }
  const row = { ...event, afterBytes: Buffer.from(text) }
  Object.defineProperty(row, 'after', { get: after })
  return row
}

async function* chunkOf(...rows: ChangeEvent[]) {
  yield rows
}

/** COPY data, or why there is none. */
async function dataOf(texts: readonly string[], unread: boolean, guard = false): Promise<string | EdsError> {
  const pieces: Buffer[] = []
  try {
    const rows = texts.map((text) => rowOf(text, unread))
    for await (const piece of linesFor(guard).of(chunkOf(...rows))) pieces.push(piece)
  } catch (error) {
    if (error instanceof EdsError) return error
    throw error
  }
  return Buffer.concat(pieces).toString()
}

/** Doubles and JSON may be written in several ways, and 0 in two. */
function comparable(data: string): unknown[][] {
  const written = (text: string, column: number) => {
    const name = columns[column] ?? ''
    if (text === '\\N') return null
    if (name === 'price') return Number(text) + 0
    if (name === 'document' || name === 'tags') return parseJson(`[${unescaped(text)}]`)
    return text === '-0' ? '0' : text
  }
  return data.split('\n').map((line) => line.split('\t').map(written))
}

const escapes: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r' }
const unescaped = (text: string) => text.replace(/\\(.)/g, (_, letter: string) => escapes[letter] ?? letter)

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.constantFrom(
    '',
    'tab\t',
    'line\n',
    'back\\slash',
    'é🔧',
    '\\N',
    'nul\0',
    '2024-07-11T17:56:51.708587Z',
    '2024-02-30T00:00:00Z',
  ),
)
const number = fc.constantFrom(
  ...[
    '0',
    '-0',
    '1',
    '-12',
    '32768',
    '123456789012345678',
    '1234567890123456789',
    '9223372036854775808',
    '1.50',
    '-0.001',
  ],
  ...['1e3', '1E400', '0.1234567890123456789', '12345678901234.5', '1.0'],
)
const json = fc.oneof(
  { weight: 3, arbitrary: text.map((value) => JSON.stringify(value)) },
  { weight: 3, arbitrary: number },
  { weight: 2, arbitrary: fc.constantFrom('null', 'true', 'false', '[]', '{}') },
  fc.array(text).map((value) => JSON.stringify(value)),
  fc.constantFrom('{"a":9007199254740993,"b":"x\\ty"}', '[1.0,"\\u0000"]', '["q\\"uote",null,[1]]'),
)
const member = fc.tuple(fc.constantFrom(...columns, 'other'), json).map(([name, value]) => `"${name}":${value}`)
const rowText = fc.array(member, { maxLength: 12 }).map((members) => `{${['"id":"r1"', ...members].join(', ')}}`)

describe('rows of an import that come unread', () => {
  it('are written like those that were read, or refused for the same reason', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(rowText, { minLength: 1, maxLength: 3 }), fc.boolean(), async (texts, guard) => {
        const [read, unread] = [await dataOf(texts, false, guard).catch(String), await dataOf(texts, true, guard)]
        if (typeof read === 'string' && typeof unread === 'string') expect(comparable(unread)).toEqual(comparable(read))
        else if (read instanceof EdsError)
          expect(unread).toMatchObject({ code: read.code, message: expect.any(String) })
        else expect(read).toMatchObject({ code: (unread as EdsError).code })
      }),
      { numRuns: 3_000 },
    )
  })

  it('take most values as they stand, without being read', async () => {
    const row = rowOf('{"id":"a","name":"é 🔧","size":12,"price":1.50,"done":true,"at":"2024-07-11T17:56:51Z"}', true)
    Object.defineProperty(row, 'after', { get: () => expect.unreachable('read as a whole') })
    const pieces = []
    for await (const piece of linesFor(false).of(chunkOf(row))) pieces.push(piece)
    const [line] = comparable(Buffer.concat(pieces).toString())
    expect(line).toEqual(expect.arrayContaining(['a', 'é 🔧', '12', 't', 1.5, '2024-07-11T17:56:51Z', null, [[]]]))
  })

  it('come in pieces of bounded size, however long a row is', async () => {
    const rows = Array.from({ length: 300 }, (_, index) => {
      const name = 'x'.repeat(index === 150 ? 300_000 : 1_000)
      return rowOf(JSON.stringify({ id: String(index), name }), index % 2 === 0)
    })
    const pieces: Buffer[] = []
    for await (const piece of linesFor(false).of(chunkOf(...rows))) pieces.push(piece)
    const ids = Buffer.concat(pieces)
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t')[0])
    expect(ids).toEqual(rows.map((_, index) => String(index)))
    expect(pieces.filter(({ length }) => length > 100_000)).toHaveLength(1)
  })

  it('name the row at fault', async () => {
    const good = '{"id":"a","size":1}'
    expect(await dataOf([good, '{"id":"b","size":"many"}'], true)).toMatchObject({ code: 'record', index: 1 })
    expect(await dataOf([good, good, '{"id":"b",'], true)).toMatchObject({ code: 'record', index: 2 })
  })
})
