import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type ChangeEvent, decodeEvent, placeEvent, rewriteEvent } from '@eds/core'
import { describe, expect, it } from 'vitest'
import { planImport } from '../../src/import/import-plan.js'
import { inferSchema } from '../../src/import/import-schemas.js'
import { namePositions, rowPosition } from '../../src/import/row-event.js'
import { type RowFilter, tableRows } from '../../src/import/table-rows.js'
import { temporaryFolder } from '../eds.js'

const time = '20240701120000'
const all: RowFilter = { companyIds: [], locationIds: [] }
const schema = { modelVersion: 'f1', primaryKeys: ['id'] }

function fileName(table: string, nanoseconds = 0): string {
  return `${time}${String(nanoseconds).padStart(9, '0')}0000000000-ab-1-2-${table}-f1.ndjson.gz`
}

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder()
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(folder, name), name.endsWith('.gz') ? gzipSync(content) : content)
  }
  return folder
}

async function rowsOf(
  files: Readonly<Record<string, string>>,
  filter = all,
  primaryKeys = ['id'],
): Promise<ChangeEvent[]> {
  const plan = await planImport(folderOf(files), [])
  const rows: ChangeEvent[] = []
  const reading = { filter, signal: new AbortController().signal, onBytes: () => {} }
  for (const table of plan.tables) {
    for await (const chunk of tableRows(table, { ...schema, primaryKeys }, reading)) rows.push(...chunk)
  }
  return rows
}

describe('an exported row', () => {
  it('becomes an INSERT that is marked as imported and keeps its text', async () => {
    const text = '{"id":"o1","companyId":"c1","locationId":"l1","userId":"u1","total":12345678901234567890,"n":1E+3}'
    const [event] = await rowsOf({ [fileName('order', 5_000_000)]: `${text}\n` })
    expect(event).toMatchObject({
      operation: 'INSERT',
      table: 'order',
      key: ['o1'],
      modelVersion: 'f1',
      companyId: 'c1',
      locationId: 'l1',
      userId: 'u1',
      imported: true,
      timestamp: Date.parse('2024-07-01T12:00:00.005Z'),
      mvccTimestamp: '1719835200005000000.0000000000',
      id: expect.stringMatching(/^[0-9a-f]{16}$/),
    })
    const bytes = Buffer.from(event?.bytes ?? []).toString('utf8')
    expect(bytes).toContain(`"after":${text}`)
    expect(bytes).not.toContain('position')
  })

  it('is the same as if its bytes had come by a stream', async () => {
    const [event] = await rowsOf({ [fileName('order')]: '{"id":"o1","big":9007199254740993,"text":"ü😀\\u0000"}\n' })
    const { position, bytes, rowKey } = event as ChangeEvent
    const decoded = decodeEvent({ position, bytes, time: 0 })
    for (const field of [
      'operation',
      'id',
      'table',
      'key',
      'modelVersion',
      'after',
      'timestamp',
      'mvccTimestamp',
      'imported',
    ] as const) {
      expect(decoded[field]).toEqual(event?.[field])
    }
    expect(decoded.rowKey).toBe(rowKey)
  })

  it.each([
    ['plain', 'none'],
    ['a \\t tab', 'characters'],
    ['a \\u00e9', 'unicode'],
  ])('knows what is escaped in it: %s', async (text, escapes) => {
    const [event] = await rowsOf({ [fileName('order')]: `{"id":"o1","text":"${text}"}` })
    expect(event?.escapes).toBe(escapes)
  })

  it('stays whole when a stage places or changes it', async () => {
    const [event] = await rowsOf({ [fileName('order')]: '{"id":"o1","text":"a\\tb"}' })
    const { position, bytes, rowKey } = event as ChangeEvent
    const placed = placeEvent(event as ChangeEvent, 'a/b.json')
    expect(placed).toMatchObject({ objectPath: 'a/b.json', position, bytes, rowKey, escapes: 'characters' })
    const changed = rewriteEvent(event as ChangeEvent, { after: { id: 'o1', text: 'none' } })
    expect(changed).toMatchObject({ position, rowKey, after: { text: 'none' } })
    expect(changed.escapes).toBeUndefined()
    expect(Buffer.from(changed.bytes).toString('utf8')).toContain('"text":"none"')
  })

  it('with a key of several columns is a row of its own', async () => {
    const content = '{"a":"x","b":"1"}\n{"a":"y","b":"1"}\n'
    const rows = await rowsOf({ [fileName('pair')]: content }, all, ['a', 'b'])
    expect(rows.map(({ key }) => key)).toEqual([
      ['', 'x', '1'],
      ['', 'y', '1'],
    ])
    expect(new Set(rows.map(({ rowKey }) => rowKey)).size).toBe(2)
  })

  it.each([
    ['{"id":"o1"}\n\n{"id":', /-order-f1\.ndjson\.gz, line 3: the message is not JSON/],
    ['{"id":"o1"}\n[1]\n', /line 2: the line is not a JSON object/],
    ['{"id":null}\n', /line 1: the row has no primary key "id"/],
  ])('that is none is named by file and line: %j', async (content, message) => {
    await expect(rowsOf({ [fileName('order')]: content })).rejects.toThrow(message)
  })

  it('in a file that is damaged is named by the file', async () => {
    const whole = gzipSync('{"id":"o1"}\n'.repeat(50_000))
    const folder = temporaryFolder()
    writeFileSync(join(folder, fileName('order')), whole.subarray(0, whole.length - 20))
    const [table] = (await planImport(folder, [])).tables
    const read = async () => {
      const reading = { filter: all, signal: new AbortController().signal, onBytes: () => {} }
      for await (const _ of tableRows(table as never, schema, reading));
    }
    await expect(read()).rejects.toThrow(/-order-f1\.ndjson\.gz cannot be read after line \d+: unexpected end of file/)
  })
})

describe('tableRows', () => {
  it('reads all files of a table, the oldest first, however long their lines are', async () => {
    const long = 'x'.repeat(300_000)
    const rows = await rowsOf({
      [fileName('order', 2)]: '{"id":"3"}',
      [fileName('order', 1)]: `{"id":"1","text":"${long}"}\n{"id":"2"}\n`,
    })
    expect(rows.map(({ after }) => after?.id)).toEqual(['1', '2', '3'])
    expect(rows.map(({ position }) => position)).toEqual([rowPosition(0, 1), rowPosition(0, 2), rowPosition(1, 1)])
  })

  it('leaves out rows of other companies and locations, not those of none', async () => {
    const content = [
      { id: '1', companyId: 'a', locationId: 'x' },
      { id: '2', companyId: 'b', locationId: 'x' },
      { id: '3', companyId: 'a', locationId: 'y' },
      { id: '4' },
    ]
      .map((row) => JSON.stringify(row))
      .join('\n')
    const ids = async (filter: RowFilter) =>
      (await rowsOf({ [fileName('order')]: content }, filter)).map(({ after }) => after?.id)
    expect(await ids({ companyIds: ['a'], locationIds: [] })).toEqual(['1', '3', '4'])
    expect(await ids({ companyIds: ['a'], locationIds: ['x'] })).toEqual(['1', '4'])
  })
})

describe('planImport', () => {
  const files = {
    [fileName('order', 2_000_000)]: '',
    [fileName('order', 1_000_000)]: '',
    [fileName('user', 3_000_000)]: '',
    'notes.txt': '',
  }

  it('groups files by table and takes the earliest time', async () => {
    const { tables, ignored } = await planImport(folderOf(files), [])
    const base = Date.parse('2024-07-01T12:00:00Z')
    expect(tables.map(({ table, files: own, exportedAt }) => [table, own.length, (exportedAt ?? 0) - base])).toEqual([
      ['order', 2, 1],
      ['user', 1, 3],
    ])
    expect(ignored).toEqual(['notes.txt'])
  })

  it('takes only what is wanted, and says when that is missing', async () => {
    const { tables, files: chosen } = await planImport(folderOf(files), ['user'])
    expect(tables.map(({ table }) => table)).toEqual(['user'])
    expect(chosen.map(({ index }) => index)).toEqual([0])
    await expect(planImport(folderOf(files), ['usr'])).rejects.toThrow('no file for usr: there are order, user')
  })

  it('says when there is nothing', async () => {
    const folder = folderOf({ 'notes.txt': '' })
    await expect(planImport(folder, [])).rejects.toThrow(/holds no exported files/)
    mkdirSync(join(folder, 'sub'))
    await expect(planImport(join(folder, 'missing'), [])).rejects.toThrow(/cannot read the folder .*ENOENT/)
  })
})

describe('inferSchema', () => {
  it('learns from all rows', async () => {
    const plan = await planImport(
      folderOf({ [fileName('order')]: '{"id":"1","n":1}\n{"id":"2","n":1.5,"late":true}\n' }),
      [],
    )
    const reading = { filter: all, signal: new AbortController().signal, onBytes: () => {} }
    const inferred = await inferSchema(plan.tables[0] as never, reading)
    expect(inferred?.properties).toMatchObject({
      id: { type: 'string' },
      n: { type: 'number' },
      late: { type: 'boolean' },
    })
  })
})

describe('namePositions', () => {
  it('turns positions into places in files', async () => {
    const { files } = await planImport(folderOf({ [fileName('a')]: '', [fileName('b')]: '' }), [])
    const text = `stopped in front of event ${rowPosition(1, 17)}, which cannot be applied`
    expect(namePositions(text, files)).toBe(`stopped in front of ${fileName('b')}, line 17, which cannot be applied`)
    expect(namePositions(`event ${rowPosition(9, 1)}`, files)).toBe(`event ${rowPosition(9, 1)}`)
  })
})
