import type { ConnectionProbe } from '@eds/core'
import { unless } from '../conformance/conformance-case.js'
import { demand } from '../conformance/violation.js'
import type { DriverCaseContext } from './case-context.js'
import type { DriverCase } from './driver-case.js'

const signal = new AbortController().signal

function probes(context: DriverCaseContext): string | undefined {
  return unless(context.session().driver.probe !== undefined, `connecting is the test of ${context.title}`)
}

async function test(context: DriverCaseContext, probe: ConnectionProbe | undefined): Promise<void> {
  demand(probe !== undefined, 'the driver has a probe facet in one instance and none in another')
  const { summary, warnings } = await probe.test(signal)
  demand(summary.trim() !== '' && !summary.includes('\n'), `the summary must be one line: ${JSON.stringify(summary)}`)
  context.secrets.demandHidden('the report of the probe', [summary, ...warnings])
}

export const probeCases: readonly DriverCase[] = [
  {
    name: 'probe: works before connecting, while connected and after closing, and leaves the data alone',
    skip: probes,
    async run(context) {
      const table = context.table()
      const events = [table.insert({ id: 'r1', name: 'kept' })]
      const session = context.session()
      await test(context, session.driver.probe)
      await session.connect()
      await session.writeAll(events)
      await test(context, session.driver.probe)
      await session.close()
      await test(context, session.driver.probe)
      await context.expectStored(events)
    },
  },
]
