import { expect, test } from 'vitest'
import { exportFileName, parseExportFileName } from '../src/export-files.js'

test('a name says the table and the time', () => {
  const time = Date.UTC(2024, 6, 1, 12, 30, 15, 123)
  const name = exportFileName('appointment_user', 'fff000111', time, 31)
  expect(name).toMatch(/^20240701123015123000000\d{10}-\w+-[\w-]+-0000001f-appointment_user-fff000111\.ndjson\.gz$/)
  expect(parseExportFileName(name)).toEqual({ table: 'appointment_user', time: BigInt(time) * 1_000_000n })
})

test.each(['order.ndjson.gz', '2024-1-2-order-f.ndjson.gz', `${'1'.repeat(33)}-a-b-order-f.ndjson`])(
  '%s is no file of an export',
  (name) => {
    expect(parseExportFileName(name)).toBeUndefined()
  },
)
