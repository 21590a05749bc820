import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cursorTime, type ExportRecord, exportRecordName } from '../../src/import/export-record.js'
import { filesOf } from '../../src/import/hq/exported-files.js'
import { planImport } from '../../src/import/import-plan.js'
import { temporaryFolder } from '../eds.js'

const order = '202407011200000000000000000000000-ab-1-2-order-f1.ndjson.gz'
const user = '202407011200000000000000000000000-ab-1-2-user-f1.ndjson.gz'

function folderOf(record: ExportRecord | string, files: readonly string[]): string {
  const folder = join(temporaryFolder(), 'export')
  mkdirSync(folder)
  for (const name of files) writeFileSync(join(folder, name), '')
  writeFileSync(join(folder, exportRecordName), typeof record === 'string' ? record : JSON.stringify(record))
  return folder
}

const tables = {
  order: { files: [order], cursor: '1719835260123456789' },
  empty: { files: [], cursor: '1719835260000000000' },
  user: { files: [], cursor: '', error: 'HQ could not export it: no' },
}

describe('a folder with the record of its export', () => {
  it('has the times of the cursors, tables without files, and the failures of HQ', async () => {
    const {
      tables: planned,
      failures,
      ignored,
    } = await planImport(folderOf({ jobId: 'j', isComplete: true, tables }, [order]), [])
    expect(planned.map(({ table, files, exportedAt }) => [table, files.length, exportedAt])).toEqual([
      ['empty', 0, 1_719_835_260_000],
      ['order', 1, 1_719_835_260_123],
    ])
    expect(failures?.map(({ table, error }) => [table, error.message])).toEqual([
      ['user', 'HQ could not export it: no'],
    ])
    expect(ignored).toEqual([])
  })

  it.each([
    ['a file is missing', { jobId: 'j', isComplete: true, tables }, [user], '1 files are missing'],
    ['HQ had not ended', { jobId: 'j', isComplete: false, tables }, [order], 'tables of the export are missing'],
  ])('is refused when %s', async (_, record, files, reason) => {
    await expect(planImport(folderOf(record, files), [])).rejects.toThrow(
      `is a part of an export only: ${reason}: get the rest with --job-id j`,
    )
  })

  it('is refused when that is no record', async () => {
    await expect(planImport(folderOf('{}', [order]), [])).rejects.toThrow('is not what this program wrote')
  })
})

describe('cursorTime', () => {
  it.each([
    ['1719835260123456789', 1_719_835_260_123],
    ['1719835260123999999', 1_719_835_260_123],
    ['', undefined],
    ['soon', undefined],
  ])('%j', (cursor, time) => {
    expect(cursorTime(cursor)).toBe(time)
  })
})

describe('filesOf', () => {
  it('reads names from URLs', () => {
    const url = `https://files.example/bucket/${order}?signature=secret`
    expect([...filesOf('order', { urls: [url] })]).toEqual([[order, url]])
  })

  it.each([
    `https://files.example/${user}?signature=secret`,
    'https://files.example/..%2f..%2fetc?signature=secret',
    'x',
  ])('refuses %s without showing it', (url) => {
    const read = () => filesOf('order', { urls: [url] })
    expect(read).toThrow(/whose name is not understood/)
    expect(read).not.toThrow(/secret/)
  })
})
