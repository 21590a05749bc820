import { formatUrl, parseUrl } from '@eds/core'
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
    connection: {
      break: () => database.shut(),
      stall: () => database.stall(),
      restore: () => database.open(),
    },
    wrongUrl: () => formatUrl({ ...parseUrl(database.url), password: 'wr0ng-password' }),
    drop: (table) => database.drop(table),
  })
})
