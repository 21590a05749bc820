import type { ColumnSchema } from '@eds/core'

/** One value in a column of one type of the schema. */
export interface ValueCase {
  /** What is tried, unique: `integer beyond 2^53`. */
  readonly name: string
  readonly column: ColumnSchema
  /** The value as JSON text. */
  readonly json: string
}

const text: ColumnSchema = { type: 'string', nullable: true }
const dateTime: ColumnSchema = { type: 'string', format: 'date-time', nullable: true }
const integer: ColumnSchema = { type: 'integer', nullable: true }
const number: ColumnSchema = { type: 'number', nullable: true }
const boolean: ColumnSchema = { type: 'boolean', nullable: true }
const object: ColumnSchema = { type: 'object', nullable: true }
const array: ColumnSchema = { type: 'array', nullable: true }
const choices: ColumnSchema = { type: 'array', items: { type: 'string', enum: ['a', 'b'] }, nullable: true }

function named(column: ColumnSchema, cases: Readonly<Record<string, string>>): ValueCase[] {
  return Object.entries(cases).map(([name, json]) => ({ name, column, json }))
}

/** Values at the limits of what destinations can hold, the same for every driver; `docs/types.md` says what becomes of each. */
export const valueCases: readonly ValueCase[] = [
  ...named(text, {
    'string, empty': '""',
    'string, null': 'null',
    'string with emoji': '"wrench 🔧"',
    'string with a NUL': '"a\\u0000b"',
    'string with half a surrogate pair': '"a\\ud800b"',
    'string with quotes and backslashes': '"it\'s \\"so\\" \\\\N $$ `x`"',
    'string of 1 MB': `"${'1 MB '.repeat(200_000)}"`,
    'string with blanks around': '"  a  "',
  }),
  ...named(dateTime, {
    'date-time with microseconds': '"2024-07-11T17:56:51.708587Z"',
    'date-time with nanoseconds': '"2024-07-11T17:56:51.708587123Z"',
    'date-time with an offset': '"2024-07-11T17:56:51+05:30"',
    'date-time before 1970': '"1969-07-20T20:17:40Z"',
    'date-time after 2038': '"2040-01-01T00:00:00Z"',
    'date-time in the year 1': '"0001-01-01T00:00:00Z"',
    'date-time in the year 9999': '"9999-12-31T23:59:59.999999Z"',
    'date-time of no day': '"2023-02-30T00:00:00Z"',
    'date-time that is none': '"yesterday"',
  }),
  ...named(integer, {
    'integer beyond 2^53': '9007199254740993',
    'integer, largest of 64 bits': '9223372036854775807',
    'integer beyond 2^63': '9223372036854775808',
    'integer written 1E+3': '1E+3',
    'integer with a fraction': '1.5',
    'integer that is a text': '"many"',
  }),
  ...named(number, {
    'number, a sum of tenths': '0.30000000000000004',
    'number, the largest double': '1.7976931348623157e308',
    'number, the smallest double': '5e-324',
    'number beyond a double': '1e400',
    'number with more digits than a double': '0.123456789012345678901234567891',
    'number written 1E+3': '1E+3',
  }),
  ...named(boolean, { 'boolean, true': 'true', 'boolean, false': 'false', 'boolean that is a text': '"maybe"' }),
  ...named(object, {
    'object with a large integer': '{"n":12345678901234567890}',
    'object with a NUL': '{"t":"a\\u0000b"}',
    'object with half a surrogate pair': '{"t":"\\ud800"}',
    'object, empty': '{}',
  }),
  ...named(array, { 'array, nested': '[1,[2,{"a":null}],"x"]', 'array, empty': '[]' }),
  ...named(choices, { 'array of an enumeration': '["a","b"]' }),
]
