import type { ColumnSchema } from '@eds/core'
import * as values from './values.js'

/** What a column holds; decides its schema and how values are made. */
export type ColumnKind = keyof typeof kinds

/** One column of a table, over all versions of it. */
export interface Column {
  readonly name: string
  readonly kind: ColumnKind
  /** Values of an `enum` or `enumArray`. */
  readonly choices: readonly string[]
  /** Never null, and named in the schema's `required`. */
  readonly required: boolean
  /** The first version of the table that has it, from 1. */
  readonly since: number
  readonly schema: ColumnSchema
  /** `undefined`: the value comes from the row's identity or the clock. */
  readonly make: values.ValueMaker | undefined
}

interface Kind {
  readonly schema: ColumnSchema
  readonly make?: values.ValueMaker
}

const dateTime: ColumnSchema = { type: 'string', format: 'date-time' }
const text: ColumnSchema = { type: 'string' }

const kinds = {
  key: { schema: text },
  keyPosition: { schema: { type: 'integer' } },
  company: { schema: text },
  location: { schema: text },
  created: { schema: dateTime },
  updated: { schema: dateTime },
  name: { schema: text, make: values.nameValue },
  text: { schema: text, make: values.textValue },
  longText: { schema: text, make: values.longTextValue },
  token: { schema: text, make: values.secretTokenValue },
  hash: { schema: text, make: values.hashValue },
  uuid: { schema: text, make: values.uuidValue },
  enum: { schema: text, make: values.enumValue },
  date: { schema: dateTime, make: values.dateTimeValue },
  integer: { schema: { type: 'integer' }, make: values.integerValue },
  bigInteger: { schema: { type: 'integer' }, make: values.bigIntegerValue },
  number: { schema: { type: 'number' }, make: values.numberValue },
  boolean: { schema: { type: 'boolean' }, make: values.booleanValue },
  object: { schema: { type: 'object', additionalProperties: true }, make: values.objectValue },
  deepObject: { schema: { type: 'object', additionalProperties: true }, make: values.deepObjectValue },
  array: { schema: { type: 'array', items: { type: 'object' } }, make: values.arrayValue },
  stringArray: { schema: { type: 'array', items: { type: 'string' } }, make: values.stringArrayValue },
  enumArray: { schema: { type: 'array', items: { type: 'string' } }, make: values.enumArrayValue },
} satisfies Record<string, Kind>

const kindPattern = /^\s*(\w+)(?:\(([^)]*)\))?:\s*(.*)$/

/**
 * Columns from a compact list, one kind per line: `kind(choice|choice): name! name@2`. `!` marks a required column, `@2` one
 * that came with version 2.
 */
export function columns(list: string): Column[] {
  return list
    .split('\n')
    .filter((line) => line.trim() !== '')
    .flatMap(columnsOfLine)
}

function columnsOfLine(line: string): Column[] {
  const [, kind = '', choices = '', names = ''] = kindPattern.exec(line) ?? []
  if (!isKind(kind)) throw new Error(`unknown kind of column: ${line.trim()}`)
  return names.split(/\s+/).map((name) => column(kind, choices === '' ? [] : choices.split('|'), name))
}

function isKind(kind: string): kind is ColumnKind {
  return Object.hasOwn(kinds, kind)
}

function column(kind: ColumnKind, choices: readonly string[], written: string): Column {
  const [, name = '', mark = '', since = '1'] = /^(\w+)(!?)(?:@(\d))?$/.exec(written) ?? []
  const definition: Kind = kinds[kind]
  const required = mark === '!' || definition.make === undefined
  return {
    name,
    kind,
    choices,
    required,
    since: Number(since),
    schema: columnSchema(definition.schema, kind, choices, required),
    make: definition.make,
  }
}

function columnSchema(
  base: ColumnSchema,
  kind: ColumnKind,
  choices: readonly string[],
  required: boolean,
): ColumnSchema {
  const typed: ColumnSchema = kind === 'enumArray' ? { type: 'array', items: { type: 'string', enum: choices } } : base
  return required ? typed : { ...typed, nullable: true }
}
