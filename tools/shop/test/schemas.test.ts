import type { ColumnSchema, TableSchema } from '@eds/core'
import { describe, expect, it } from 'vitest'
import { objectName, parseExact, shopSchemas, shopTables } from '../src/index.js'
import { eventList, parsed } from './read-events.js'

const schemas = shopSchemas()

describe('the schemas', () => {
  it('cover more than a dozen tables, three versions each', () => {
    expect(shopTables.length).toBeGreaterThanOrEqual(12)
    expect(shopTables).toContain('order')
    expect(schemas.versions).toHaveLength(shopTables.length * 3)
    expect([...schemas.latest.keys()]).toEqual([...shopTables])
  })

  it('have versions that only add nullable columns', () => {
    for (const table of shopTables) {
      const [first, second, third] = schemas.versions.filter((schema) => schema.table === table)
      expect(additions(first!, second!).length).toBeGreaterThan(0)
      expect(additions(second!, third!).length).toBeGreaterThan(0)
      for (const name of additions(first!, third!)) expect(third?.properties[name]?.nullable).toBe(true)
    }
  })

  it('have every column type', () => {
    const kinds = new Set(
      schemas.versions.flatMap(({ properties }) =>
        Object.values(properties).map(
          ({ type, format, items }) => `${type} ${format ?? ''}${items?.enum ? 'enum' : ''}`,
        ),
      ),
    )
    expect([...kinds].sort()).toEqual([
      'array ',
      'array enum',
      'boolean ',
      'integer ',
      'number ',
      'object ',
      'string ',
      'string date-time',
    ])
  })

  it('have tables with several key columns, one of them an integer', () => {
    const keyTypes = schemas.versions.map(({ primaryKeys, properties }) =>
      primaryKeys.map((name) => properties[name]?.type),
    )
    expect(keyTypes).toContainEqual(['string', 'string'])
    expect(keyTypes).toContainEqual(['string', 'integer'])
  })

  it('have versions of their own, which no order can be read from', () => {
    const versions = schemas.versions.map(({ modelVersion }) => modelVersion)
    expect(new Set(versions).size).toBe(versions.length)
    expect(versions.every((version) => /^[0-9a-f]{9}$/.test(version))).toBe(true)
    expect(versions).not.toEqual([...versions].sort())
    expect(versions).not.toContain(shopSchemas({ rowBytes: 'small' }).versions[0]?.modelVersion)
  })

  it('are found by table and version', () => {
    for (const schema of schemas.versions) expect(schemas.get(schema.table, schema.modelVersion)).toBe(schema)
    expect(schemas.get('order', 'fff000111')).toBeUndefined()
  })

  it('make a document by object name', () => {
    expect(Object.keys(schemas.document())).toEqual(shopTables.map(objectName))
    expect(schemas.document().AppointmentUserConnection).toBe(schemas.latest.get('appointment_user_connection'))
  })
})

describe('plain rows', () => {
  it.each(['realistic', 'small'] as const)('are valid: %s', (rowBytes) => {
    const known = shopSchemas({ rowBytes })
    for (const event of eventList({ events: 3_000, rowBytes, partialUpdates: 0.2 })) {
      const schema = known.get(event.table, event.modelVersion)!
      const { before, after } = parsed(event)
      for (const image of [before, event.partial ? undefined : after]) {
        if (image === undefined) continue
        const faults = Object.entries(schema.properties).flatMap(([name, column]) => fault(name, column, image[name]))
        expect(faults, `${event.table} ${event.id}`).toEqual([])
        expect(Object.keys(image).filter((name) => name !== '_shadow')).toEqual(Object.keys(schema.properties))
      }
    }
  })

  it('hold nulls, empty containers and every spelling of a date-time', () => {
    const values = eventList().flatMap((event) => Object.values(parsed(event).after ?? {}))
    const texts = values.filter((value) => typeof value === 'string')
    expect(values).toContain(null)
    expect(values).toContainEqual([])
    expect(values).toContainEqual({})
    expect(values).toContain('')
    for (let digits = 1; digits <= 6; digits++) {
      expect(texts.some((text) => new RegExp(`^\\d{4}-.*:\\d\\d\\.\\d{${digits}}Z$`).test(text))).toBe(true)
    }
    expect(texts.some((text) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/.test(text))).toBe(true)
  })

  it('hold difficult text and numbers', () => {
    const all = Buffer.concat(eventList().map(({ bytes }) => bytes)).toString()
    for (const text of [
      '🚗',
      '\\ud83d\\udd27',
      '東京',
      'Caf\\u00e9',
      '\\"',
      '\\\\N',
      "'",
      '\\u0001',
      '\u2028',
      '1E+3',
      '2.5E+2',
    ]) {
      expect(all).toContain(text)
    }
    for (const digits of [
      '9223372036854775807',
      '-9223372036854775808',
      '9007199254740993',
      '1.7976931348623157e+308',
    ]) {
      expect(all).toMatch(new RegExp(`[:, ]${digits.replace(/[.+]/g, '\\$&')}[,\\]}]`))
    }
  })
})

function additions(older: TableSchema, newer: TableSchema): string[] {
  expect(Object.keys(newer.properties)).toEqual(expect.arrayContaining(Object.keys(older.properties)))
  return Object.keys(newer.properties).filter((name) => !(name in older.properties))
}

/** What is wrong with a value; JSON Schema for as much of it as the shop uses. */
function fault(name: string, column: ColumnSchema, value: unknown): string[] {
  if (value === undefined) return [`${name} is absent`]
  if (value === null) return column.nullable === true ? [] : [`${name} is null`]
  return isValid(column, value) ? [] : [`${name} is no ${column.type}: ${JSON.stringify(value)}`]
}

function isValid({ type, format, items }: ColumnSchema, value: unknown): boolean {
  switch (type) {
    case 'string':
      return typeof value === 'string' && (format === undefined || !Number.isNaN(Date.parse(value)))
    case 'integer':
      return typeof value === 'number' && Number.isInteger(value)
    case 'array':
      return Array.isArray(value) && value.every((item) => items?.enum === undefined || items.enum.includes(item))
    case 'object':
      return typeof value === 'object' && !Array.isArray(value)
    default:
      return typeof value === type
  }
}

describe('numbers of plain rows', () => {
  it('fit 64 bits, or a double in its shortest form', () => {
    for (const event of eventList({ events: 500 })) {
      const { after } = parseExact(event.bytes.toString()) as { after?: Record<string, unknown> }
      const { properties } = shopSchemas().get(event.table, event.modelVersion)!
      for (const [name, { type }] of Object.entries(properties)) {
        const value = after?.[name]
        if (value === undefined || value === null) continue
        if (type === 'number') expect(typeof value, name).toBe('number')
        if (type === 'integer') expect(BigInt.asIntN(64, BigInt(String(value)))).toBe(BigInt(String(value)))
      }
    }
  })
})
