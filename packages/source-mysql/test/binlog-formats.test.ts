import { describe, expect, test } from 'vitest'
import { ByteReader } from '../src/binlog/byte-reader.js'
import { textDecoder } from '../src/binlog/charset.js'
import { readDecimal } from '../src/binlog/decimal.js'
import { membersOf } from '../src/binlog/field-reader.js'
import { logBase, logMvcc, readLogBase } from '../src/binlog/log-place.js'
import { readMysqlJson } from '../src/binlog/mysql-json.js'
import { fileOf, variablesFault } from '../src/binlog/server-log.js'

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex')

describe('decimals', () => {
  // The example of MySQL's own decimal2bin: 1234567890.1234 as DECIMAL(14,4).
  test.each([
    ['81 0d fb 38 d2 04 d2', 14, 4, '1234567890.1234'],
    ['7e f2 04 c7 2d fb 2d', 14, 4, '-1234567890.1234'],
    ['80', 1, 0, '0'],
  ])('%s is %i,%i %s', (hex, precision, scale, text) => {
    expect(readDecimal(new ByteReader(bytes(hex)), precision, scale)).toBe(text)
  })
})

describe('documents of MySQL', () => {
  test.each([
    ['', 'null'],
    ['04 01', 'true'],
    ['09 ff ff ff ff ff ff ff 7f', '9223372036854775807'],
    ['0a ff ff ff ff ff ff ff ff', '18446744073709551615'],
    ['0b 00 00 00 00 00 00 f8 3f', '1.5'],
    ['0c 03 61 22 62', '"a\\"b"'],
    // {"a": 1, "b": [null, "x"]}
    [
      '00 02 00 26 00 12 00 01 00 13 00 01 00 05 01 00 02 14 00 61 62 02 00 0c 00 04 00 00 0c 0a 00 01 78',
      '{"a":1,"b":[null,"x"]}',
    ],
    ['0f f6 04 04 02 8c 22', '12.34'],
  ])('%s is %s', (hex, text) => {
    expect(readMysqlJson(bytes(hex))).toBe(text)
  })
})

test('texts of other character sets', () => {
  expect(textDecoder('latin1')(bytes('80 e9 9f'))).toBe('€éŸ')
  expect(textDecoder('utf8mb4')(Buffer.from('😀'))).toBe('😀')
  expect(textDecoder('ucs2')(bytes('03a9'))).toBe('Ω')
  expect(() => textDecoder('keybcs2')).toThrow('"keybcs2"')
})

test('members of an enumeration', () => {
  expect(membersOf("enum('a','it''s','x,y')")).toEqual(['a', "it's", 'x,y'])
})

describe('places', () => {
  const place = { file: 3, offset: 342, row: 7, gtid: '0.1.13217' }
  test('are read back, sort, and number the changes', () => {
    expect(readLogBase(logBase(place))).toEqual(place)
    expect(logBase(place) < logBase({ ...place, row: 10 })).toBe(true)
    expect(logBase(place) < logBase({ ...place, file: 10, offset: 4 })).toBe(true)
    expect(logMvcc(place)).toBe('30000000000342.0000000007')
    expect(() => readLogBase('1732168000000_0000000000000042')).toThrow('no position')
  })

  test('that the server has no more are gaps', () => {
    const files = [{ name: 'log.000003', number: 3, size: 400 }]
    expect(fileOf(files, place).name).toBe('log.000003')
    expect(() => fileOf(files, { ...place, file: 2 })).toThrow('file 2 of the binary log is gone')
    expect(() => fileOf(files, { ...place, offset: 500 })).toThrow('ends at 400')
  })
})

test('settings of the server that would lose changes are refused', () => {
  const good = { on: '1', format: 'ROW', image: 'FULL' }
  expect(variablesFault(good)).toBeUndefined()
  expect(variablesFault({ ...good, on: '0' })?.message).toContain('no binary log')
  expect(variablesFault({ ...good, format: 'MIXED' })?.message).toContain('binlog_format is MIXED')
  expect(variablesFault({ ...good, image: 'MINIMAL' })?.message).toContain('binlog_row_image is MINIMAL')
})
