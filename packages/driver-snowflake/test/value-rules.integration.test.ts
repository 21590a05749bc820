import { readFileSync } from 'node:fs'
import { documentedOutcomes, valueOutcomes } from '@eds/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import snowflake from '../src/index.js'
import { createTestDatabase, type TestDatabase } from './test-database.js'

describe('values at the limits', () => {
  let database: TestDatabase

  beforeAll(async () => {
    database = await createTestDatabase()
  })

  afterAll(() => database.remove())

  it('become what the page about types says', async () => {
    const outcomes = await valueOutcomes({
      definition: snowflake,
      url: database.url,
      read: (table) => database.readTable(table),
    })
    const page = readFileSync(new URL('../../../docs/types.md', import.meta.url), 'utf8')
    expect(Object.fromEntries(outcomes)).toEqual(Object.fromEntries(documentedOutcomes(page, 'Snowflake')))
  })
})
