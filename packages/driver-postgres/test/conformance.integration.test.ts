import { testDriver } from '@eds/testkit'
import { requireService } from '@eds/tool-services/vitest'
import { afterAll, beforeAll } from 'vitest'
import postgres from '../src/index.js'
import { createTestDatabase, type TestDatabase } from './test-database.js'

const server = await requireService('postgres')

server.describe('on a real server', () => {
  let database: TestDatabase

  beforeAll(async () => {
    database = await createTestDatabase(server.url)
  })

  afterAll(() => database.remove())

  testDriver({
    definition: postgres,
    url: () => database.url,
    read: (table) => database.readTable(table),
    connection: { break: () => database.shut(), restore: () => database.open() },
  })
})
