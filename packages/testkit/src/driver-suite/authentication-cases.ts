import { type DriverDefinition, isEdsError, parseSinkUrl } from '@eds/core'
import { unless } from '../conformance/conformance-case.js'
import { demand, demandRejection } from '../conformance/violation.js'
import type { DriverCaseContext } from './case-context.js'
import type { DriverCase } from './driver-case.js'
import type { DriverSession } from './driver-session.js'

const signal = new AbortController().signal

/** A driver that knows wrong credentials only. */
async function intruder(context: DriverCaseContext): Promise<DriverSession> {
  const { definition, wrongUrl = '' } = context.options
  const url = typeof wrongUrl === 'string' ? wrongUrl : await wrongUrl()
  return context.session(parseSinkUrl<unknown>(definition as DriverDefinition, url))
}

function demandRefusal(error: unknown, what: string): void {
  demand(
    isEdsError(error),
    () => `${what} with wrong credentials rejected with something else than an EdsError: ${error}`,
  )
  demand(
    error.code === 'authentication',
    () =>
      `${what} with wrong credentials rejected with the code "${error.code}" instead of "authentication", which stops the lane ` +
      `and tells somebody: ${error.message}`,
  )
}

export const authenticationCases: readonly DriverCase[] = [
  {
    name: 'authentication: wrong credentials are refused as such, and close works after that',
    skip: ({ options }) =>
      unless(options.wrongUrl !== undefined, 'the suite was given no wrong credentials (option `wrongUrl`)'),
    async run(context) {
      const session = await intruder(context)
      demandRefusal(await demandRejection(session.connect(), 'connect resolved with wrong credentials'), 'connect')
      const { probe } = session.driver
      if (probe !== undefined) {
        demandRefusal(
          await demandRejection(probe.test(signal), 'the probe resolved with wrong credentials'),
          'the probe',
        )
      }
      await session.close()
    },
  },
]
