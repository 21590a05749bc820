import { formatUrl, parseUrl } from '@eds/core'
import { testDriver } from '@eds/testkit'
import { afterAll, beforeAll, describe } from 'vitest'
import snowflake from '../src/index.js'
import { createSimulatedDatabase, type SimulatedDatabase } from './test-database.js'

describe('against the simulator', () => {
  let database: SimulatedDatabase

  beforeAll(async () => {
    database = await createSimulatedDatabase()
  })

  afterAll(() => database.remove())

  testDriver({
    definition: snowflake,
    url: () => database.url,
    read: (table) => database.readTable(table),
    connection: {
      break: () => database.sim.stop(),
      async stall() {
        database.sim.stall()
      },
      async restore() {
        database.sim.restore()
        await database.sim.start()
      },
    },
    wrongUrl: () => formatUrl({ ...parseUrl(database.url), password: 'wr0ng-password' }),
    drop: (table) => database.drop(table),
  })
})
