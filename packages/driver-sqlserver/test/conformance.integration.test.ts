import { testDriver } from '@eds/testkit'
import { afterAll, beforeAll, describe } from 'vitest'
import sqlserver from '../src/index.js'
import { isSimulated, startTestServer, type TestServer } from './test-server.js'

describe('on a server', () => {
  let server: TestServer

  beforeAll(async () => {
    server = await startTestServer()
  })

  afterAll(() => server.remove())

  testDriver({
    definition: sqlserver,
    url: () => server.url,
    read: (table) => server.readTable(table),
    wrongUrl: () => server.wrongUrl,
    drop: (table) => server.drop(table),
    ...(isSimulated && {
      connection: {
        break: async () => server.sim?.stop(),
        stall: async () => server.sim?.stall(),
        restore: async () => {
          server.sim?.restore()
          await server.sim?.start()
        },
      },
    }),
  })
})
