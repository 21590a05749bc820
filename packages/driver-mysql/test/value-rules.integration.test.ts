import { readFileSync } from 'node:fs'
import { documentedOutcomes, valueOutcomes } from '@eds/testkit'
import { requireService } from '@eds/tool-services/vitest'
import { afterAll, beforeAll, expect, it } from 'vitest'
import mysql from '../src/index.js'
import { createTestDatabase, type TestDatabase } from './test-database.js'

const server = await requireService('mariadb')

server.describe('values at the limits', () => {
  let database: TestDatabase

  beforeAll(async () => {
    database = await createTestDatabase(server.url)
  })

  afterAll(() => database.remove())

  it('become what the page about types says', async () => {
    const outcomes = await valueOutcomes({
      definition: mysql,
      url: database.url,
      read: (table) => database.readTable(table),
    })
    const page = readFileSync(new URL('../../../docs/types.md', import.meta.url), 'utf8')
    expect(Object.fromEntries(outcomes)).toEqual(Object.fromEntries(documentedOutcomes(page, 'MariaDB')))
  })
})
