import { readFileSync } from 'node:fs'
import { documentedOutcomes, valueOutcomes } from '@eds/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import sqlserver from '../src/index.js'
import { startTestServer, type TestServer } from './test-server.js'

describe('values at the limits', () => {
  let server: TestServer

  beforeAll(async () => {
    server = await startTestServer()
  })

  afterAll(() => server.remove())

  it('become what the page about types says', async () => {
    const outcomes = await valueOutcomes({
      definition: sqlserver,
      url: server.url,
      read: (table) => server.readTable(table),
    })
    const page = readFileSync(new URL('../../../docs/types.md', import.meta.url), 'utf8')
    expect(Object.fromEntries(outcomes)).toEqual(Object.fromEntries(documentedOutcomes(page, 'SQL Server')))
  })
})
