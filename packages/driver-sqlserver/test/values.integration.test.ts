import { valueCases, valueOutcomes } from '@eds/testkit'
import { expect, it } from 'vitest'
import sqlserver from '../src/index.js'
import { startTestServer } from './test-server.js'

it('x', async () => {
  const server = await startTestServer()
  const outcomes = await valueOutcomes({ definition: sqlserver, url: server.url, read: (t) => server.readTable(t) })
  console.log([...outcomes].filter(([, o]) => o !== 'unchanged'))
  expect(valueCases.length).toBe(outcomes.size)
})
