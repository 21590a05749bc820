import { formatUrl, parseUrl } from '@eds/core'
import { testDriver } from '@eds/testkit'
import { requireService } from '@eds/tool-services/vitest'
import { afterAll, beforeAll } from 'vitest'
import mysql from '../src/index.js'
import { createTestDatabase, type TestDatabase } from './test-database.js'

const server = await requireService('mariadb')

server.describe('on a real server', () => {
  let database: TestDatabase

  beforeAll(async () => {
    database = await createTestDatabase(server.url)
  })

  afterAll(() => database.remove())

  testDriver({
    definition: mysql,
    url: () => database.url,
    read: (table) => database.readTable(table),
    connection: {
      break: () => database.proxy.break(),
      stall: () => database.stall(),
      restore: () => database.open(),
    },
    wrongUrl: () => formatUrl({ ...parseUrl(database.url), password: 'wr0ng-password' }),
    drop: (table) => database.drop(table),
  })
})
