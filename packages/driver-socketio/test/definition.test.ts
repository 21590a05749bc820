import { DriverCaseContext, driverCases, runCase } from '@eds/testkit'
import { describe, expect, it } from 'vitest'
import socketio from '../src/index.js'

/** What the conformance suite says about definitions; the rest of it reads back, and sockets keep nothing. */
const definitionCases = driverCases.filter(({ name }) => /^(?:config|form): /.test(name))

describe('the definition keeps the driver contract', () => {
  it.each(definitionCases.map((definitionCase) => [definitionCase.name, definitionCase] as const))(
    '%s',
    async (_, definitionCase) => {
      const options = { definition: socketio, url: socketio.exampleUrl, readEvents: async function* () {} }
      const result = await runCase(definitionCase, (name) => DriverCaseContext.open(options, name))
      expect(result.outcome, 'error' in result ? String(result.error) : '').not.toBe('broken')
    },
  )
})
