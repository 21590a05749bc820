import { MemoryDatabase, memoryDriver, testDriver } from '@eds/testkit'

const database = new MemoryDatabase()

testDriver({
  definition: memoryDriver(database),
  url: 'memory://conformance',
  shopEvents: 1_000,
  read: async (table) => database.rows(table),
  connection: database.connection,
})
