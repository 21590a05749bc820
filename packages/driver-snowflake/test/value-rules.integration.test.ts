import { valueOutcomes } from '@eds/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import snowflake from '../src/index.js'
import { createTestDatabase, type TestDatabase } from './test-database.js'

let database: TestDatabase

beforeAll(async () => {
  database = await createTestDatabase()
})

afterAll(() => database.remove())

it('values at the limits are unchanged, except those that are refused', async () => {
  const outcomes = await valueOutcomes({
    definition: snowflake,
    url: database.url,
    read: (table) => database.readTable(table),
  })
  const changed = Object.fromEntries([...outcomes].filter(([, outcome]) => outcome !== 'unchanged'))
  expect(changed).toEqual({
    'string with half a surrogate pair': 'refused',
    'date-time of no day': 'refused',
    'date-time that is none': 'refused',
    'integer with a fraction': 'refused',
    'integer that is a text': 'refused',
    'number beyond a double': 'refused',
    'number with more digits than a double': 'refused',
    'boolean that is a text': 'refused',
  })
  expect(outcomes.size).toBeGreaterThan(30)
})
