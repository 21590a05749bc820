import { type ChangeEvent, stringifyJson } from '@eds/core'
import { requireService } from '@eds/tool-services/vitest'
import { afterEach, expect, test } from 'vitest'
import { mysql } from '../src/index.js'
import { Taker } from './support/reading.js'
import { createTestDatabase, type TestDatabase } from './support/test-database.js'

const server = await requireService('mariadb')

/** Column type, what is stored in it as SQL, and how the event has it. */
const cases: readonly (readonly [type: string, sql: string, json: string])[] = [
  ['TINYINT', '-128', '-128'],
  ['TINYINT UNSIGNED', '255', '255'],
  ['TINYINT(1)', 'TRUE', '1'],
  ['SMALLINT', '-32768', '-32768'],
  ['MEDIUMINT', '-8388608', '-8388608'],
  ['MEDIUMINT UNSIGNED', '16777215', '16777215'],
  ['INT UNSIGNED', '4294967295', '4294967295'],
  ['INT(8) ZEROFILL', '42', '42'],
  ['BIGINT', '-9223372036854775808', '-9223372036854775808'],
  ['BIGINT UNSIGNED', '18446744073709551615', '18446744073709551615'],
  [
    'DECIMAL(65,30)',
    '-12345678901234567890123456789012345.000000000000000000000000000001',
    '-12345678901234567890123456789012345.000000000000000000000000000001',
  ],
  ['DECIMAL(10,2)', '0.05', '0.05'],
  ['DECIMAL(10,0)', '-7', '-7'],
  ['DECIMAL(5,5)', '-0.12345', '-0.12345'],
  ['FLOAT', '0.1', '0.1'],
  ['FLOAT', '-3.4028235e38', '-3.4028235e+38'],
  ['DOUBLE', '0.1', '0.1'],
  ['DOUBLE', '1.7976931348623157e308', '1.7976931348623157e+308'],
  ['DOUBLE', '123456789012345680', '123456789012345680'],
  ['BIT(1)', "b'1'", '1'],
  ['BIT(64)', "b'1111111111111111111111111111111111111111111111111111111111111110'", '18446744073709551614'],
  ['BIT(10)', "b'1000000001'", '513'],
  ['YEAR', '2155', '2155'],
  ['YEAR', '0', '0'],
  ['DATE', "'9999-12-31'", '"9999-12-31"'],
  ['DATE', "'0000-00-00'", 'null'],
  ['DATETIME', "'1000-01-01 00:00:00'", '"1000-01-01T00:00:00Z"'],
  ['DATETIME(6)', "'2024-02-29 23:59:59.999999'", '"2024-02-29T23:59:59.999999Z"'],
  ['DATETIME(3)', "'2024-02-29 23:59:59.120'", '"2024-02-29T23:59:59.120Z"'],
  ['DATETIME', "'0000-00-00 00:00:00'", 'null'],
  ['TIMESTAMP(6) NULL', "'2024-07-03 11:46:40.000001'", '"2024-07-03T09:46:40.000001Z"'],
  ['TIMESTAMP NULL', "'2038-01-19 05:14:07'", '"2038-01-19T03:14:07Z"'],
  ['TIMESTAMP NULL', "'0000-00-00 00:00:00'", 'null'],
  ['TIME', "'-838:59:59'", '"-838:59:59"'],
  ['TIME(6)', "'-00:00:00.000001'", '"-00:00:00.000001"'],
  ['TIME(3)', "'12:34:56.789'", '"12:34:56.789"'],
  ['TIME(1)', "'-12:34:56.7'", '"-12:34:56.7"'],
  ['CHAR(5)', "'ab'", '"ab"'],
  ['CHAR(200)', "REPEAT('é',200)", JSON.stringify('é'.repeat(200))],
  [
    'VARCHAR(300)',
    "'quotes \" '' \\\\ back, nl \\n, ctl \\Z'",
    JSON.stringify('quotes " \' \\ back, nl \n, ctl \u001a'),
  ],
  ['VARCHAR(20)', "'😀 🔧'", '"😀 🔧"'],
  ['VARCHAR(20) CHARACTER SET latin1', "'Größe €'", '"Größe €"'],
  ['TEXT CHARACTER SET ucs2', "'Ωmega'", '"Ωmega"'],
  ['LONGTEXT', "REPEAT('x',100000)", JSON.stringify('x'.repeat(100_000))],
  ['TINYTEXT', "''", '""'],
  ["ENUM('a','it''s','ü')", "'it''s'", '"it\'s"'],
  ["ENUM('a','b')", "'nonsense'", '""'],
  ["SET('x','y','z')", "'x,z'", '"x,z"'],
  ["SET('x','y')", "''", '""'],
  ['BINARY(4)', "X'01020000'", '"AQIAAA=="'],
  ['VARBINARY(10)', "X'00FF00'", '"AP8A"'],
  ['BLOB', "X''", '""'],
  ['LONGBLOB', "UNHEX(REPEAT('00ff',1000))", JSON.stringify(Buffer.alloc(2_000, '00ff', 'hex').toString('base64'))],
  ['JSON', '\'{"a": 9007199254740993, "b": [1.10, "é"]}\'', '{"a":9007199254740993,"b":[1.1,"é"]}'],
  ['JSON', "'[]'", '[]'],
  ['INET4', "'10.0.0.1'", '"10.0.0.1"'],
  ['INT AS (7) VIRTUAL', 'DEFAULT', '7'],
  ['INT AS (8) STORED', 'DEFAULT', '8'],
  ['INT INVISIBLE DEFAULT 3', '4', '4'],
  ['INT', 'NULL', 'null'],
  ['LONGBLOB', 'NULL', 'null'],
]

const column = (index: number) => `c${String(index).padStart(2, '0')}`
const expected = Object.fromEntries(cases.map(([, , json], index) => [column(index), json]))

server.describe('values of every type', () => {
  let database: TestDatabase | undefined
  afterEach(() => database?.remove())

  async function makeTable(): Promise<TestDatabase> {
    const made = await createTestDatabase(server.url)
    database = made
    // Zero dates, members that are none, and another time zone are what real databases have.
    await made.query("SET sql_mode = '', time_zone = '+02:00'")
    const columns = cases.map(([type], index) => `${column(index)} ${type}`)
    await made.query(`CREATE TABLE \`order\` (id INT PRIMARY KEY, ${columns.join(', ')}) CHARACTER SET utf8mb4`)
    return made
  }

  async function insert({ query }: TestDatabase, id: number): Promise<void> {
    const names = cases.map((_, index) => column(index)).join(', ')
    await query(`INSERT INTO \`order\` (id, ${names}) VALUES (${id}, ${cases.map(([, sql]) => sql).join(', ')})`)
  }

  test.each(['triggers', 'binlog'] as const)('are the same in a snapshot and by %s, and exact', async (mode) => {
    const made = await makeTable()
    await insert(made, 1)
    const source = mysql({ ...made.options, mode })
    const taker = await Taker.open(source)
    const [inSnapshot] = await taker.events(1)
    await insert(made, 2)
    await made.query('UPDATE `order` SET c00 = 1 WHERE id = 2')
    await made.query('DELETE FROM `order` WHERE id = 2')
    const [inserted, updated, deleted] = await taker.events(3)
    await source.close()
    expect(imageOf(inSnapshot, 'after')).toEqual(expected)
    expect(imageOf(inserted, 'after')).toEqual(expected)
    expect(imageOf(updated, 'before')).toEqual(expected)
    expect(imageOf(updated, 'after')).toEqual({ ...expected, c00: '1' })
    expect(updated?.diff).toEqual(['c00'])
    expect(imageOf(deleted, 'before')).toEqual({ ...expected, c00: '1' })
  })
})

/** Column → JSON text, so that digits are compared and not doubles. */
function imageOf(event: ChangeEvent | undefined, image: 'before' | 'after'): Record<string, string> {
  const { id: _, ...row } = event?.[image] ?? {}
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, String(stringifyJson(value ?? null))]))
}
