import { MemoryDatabase, memoryDriver, testDriver } from '@eds/testkit'

const database = new MemoryDatabase('right-passw0rd')

testDriver({
  definition: memoryDriver(database),
  url: 'memory://:right-passw0rd@conformance',
  wrongUrl: 'memory://:wrong-passw0rd@conformance',
  shopEvents: 1_000,
  read: async (table) => database.rows(table),
  connection: database.connection,
  drop: async (table) => database.drop(table),
})
