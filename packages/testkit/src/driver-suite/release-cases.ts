import type { ChangeEvent } from '@eds/core'
import { grownResources, openResources } from '../conformance/open-resources.js'
import { demandSoon } from '../conformance/violation.js'
import type { DriverCaseContext } from './case-context.js'
import type { DriverCase } from './driver-case.js'

/** So often, so that what a driver leaves behind each time stands out from what comes and goes in a process by itself. */
const rounds = 6
/** What has grown by so many was left behind by drivers, whatever ended in the meantime. */
const suspicious = 4

/** All that opens something: probing, connecting, connecting again, writing. */
async function useAndClose(context: DriverCaseContext, event: ChangeEvent): Promise<void> {
  const session = context.session()
  await session.driver.probe?.test(new AbortController().signal)
  await session.connect()
  await session.writeAll([event])
  await session.connect()
  await session.close()
}

export const releaseCases: readonly DriverCase[] = [
  {
    name: 'lifecycle: close gives back every socket, file and timer',
    async run(context) {
      const table = context.table()
      const first = table.insert({ id: 'first' })
      const events = Array.from({ length: rounds }, (_, index) => table.insert({ id: `r${index}` }))
      // What is loaded or opened once for the whole process is none of a driver's.
      await useAndClose(context, first)
      const before = openResources()
      for (const event of events) await useAndClose(context, event)
      await demandSoon(() => {
        const grown = grownResources(before, suspicious)
        return grown.length === 0 ? undefined : `after ${rounds} drivers were closed, these are still open: ${grown}`
      }, context.limitMs)
      await context.expectStored([first, ...events])
    },
  },
]
