import { describe, expect, it } from 'vitest'
import { parseExportFile } from '../../src/import/export-file.js'

const digits = '202407112316517087506001234567890'.slice(0, 14)

describe('parseExportFile', () => {
  it('reads table and time from the name', () => {
    const name = `${digits}708750600${'0000000042'}-5b0e7c1f-1-2-00000000-labor_matrix_range-f00a1.ndjson.gz`
    expect(parseExportFile(name)).toEqual({
      name,
      table: 'labor_matrix_range',
      timestamp: Date.parse('2024-07-11T23:16:51.708Z'),
      mvccTimestamp: '1720739811708750600.0000000042',
    })
  })

  it('takes unpacked files too', () => {
    expect(parseExportFile(`${digits}${'0'.repeat(19)}-a-b-order-f1.ndjson`)).toMatchObject({ table: 'order' })
  })

  it.each([
    'README.md',
    `${digits}${'0'.repeat(18)}-a-b-order-f1.ndjson.gz`,
    `${digits}${'0'.repeat(19)}-a-b-order-f1.csv.gz`,
    `${digits}${'0'.repeat(19)}-a-b-Order!-f1.ndjson.gz`,
    `20241311231651${'0'.repeat(19)}-a-b-order-f1.ndjson.gz`,
    `${digits}${'0'.repeat(19)}-order-f1.ndjson.gz`,
  ])('refuses %s', (name) => {
    expect(parseExportFile(name)).toBeUndefined()
  })
})
