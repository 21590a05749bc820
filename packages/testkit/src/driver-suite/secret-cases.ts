import { describeOptions, parseSinkUrl } from '@eds/core'
import { unless } from '../conformance/conformance-case.js'
import { demandSettled } from '../conformance/violation.js'
import type { DriverCaseContext } from './case-context.js'
import type { DriverCase } from './driver-case.js'
import type { DriverSession } from './driver-session.js'
import { whileDown } from './outage.js'
import { needsPoison, poisonInsert } from './poison-cases.js'
import { markerForms, secretMarker } from './secret-watch.js'

const signal = new AbortController().signal

/** The configuration under test with a marker for each secret that it or the example holds; `undefined` when there is none. */
function markedConfig({ options: { definition }, config }: DriverCaseContext): object | undefined {
  const given = { ...asObject(parseSinkUrl(definition, definition.exampleUrl)), ...withoutGaps(asObject(config)) }
  const secrets = describeOptions(definition).filter(({ name, secret }) => secret && isText(given[name]))
  if (secrets.length === 0) return undefined
  return { ...asObject(config), ...Object.fromEntries(secrets.map(({ name }) => [name, secretMarker])) }
}

function asObject(config: unknown): Record<string, unknown> {
  return { ...(typeof config === 'object' ? config : {}) }
}

function withoutGaps(config: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => isText(value)))
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

/** Everything that may be refused when the secrets are not the right ones; whether it is does not matter here. */
async function provoke(context: DriverCaseContext, session: DriverSession): Promise<void> {
  const { limitMs } = context
  const probe = session.driver.probe?.test(signal).then(({ summary, warnings }) => {
    context.secrets.demandHidden('the report of the probe', [summary, ...warnings])
  })
  await demandSettled(Promise.resolve(probe), limitMs, 'the probe')
  await demandSettled(session.connect(), limitMs, 'connect')
  if (needsPoison(context) === undefined) {
    const poison = poisonInsert(context, context.table(), { id: 'bad' })
    await demandSettled(session.write([poison]), limitMs, 'write')
  }
}

export const secretCases: readonly DriverCase[] = [
  {
    name: 'secrets: no error and no log line shows one, whatever is refused',
    skip: (context) => unless(markedConfig(context) !== undefined, `${context.title} takes no secret`),
    async run(context) {
      context.secrets.guard(markerForms)
      const session = context.session(markedConfig(context))
      await provoke(context, session)
      if (context.options.connection === undefined) return
      const table = context.table()
      await whileDown(context, 'break', async () => {
        const events = [table.insert({ id: 'r1' })]
        await demandSettled(session.write(events), 2 * context.limitMs, 'write without a connection')
        await demandSettled(session.connect(), 2 * context.limitMs, 'connect without a destination')
      })
    },
  },
]
