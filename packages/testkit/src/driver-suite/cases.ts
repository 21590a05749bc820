import { abortCases } from './abort-cases.js'
import { authenticationCases } from './authentication-cases.js'
import { batchSizeCases } from './batch-size-cases.js'
import type { DriverCaseContext } from './case-context.js'
import { configCases } from './config-cases.js'
import type { DriverCase } from './driver-case.js'
import { droppedCases } from './dropped-cases.js'
import { formCases } from './form-cases.js'
import { hostileCases } from './hostile-cases.js'
import { importCases } from './import-cases.js'
import { inFlightCases } from './in-flight-cases.js'
import { durabilityCases, lifecycleCases } from './lifecycle-cases.js'
import { migrationCases } from './migration-cases.js'
import { nameCases } from './name-cases.js'
import { orderCases } from './order-cases.js'
import { partialCases } from './partial-cases.js'
import { poisonCases } from './poison-cases.js'
import { probeCases } from './probe-cases.js'
import { reconnectCases } from './reconnect-cases.js'
import { releaseCases } from './release-cases.js'
import { replayCases } from './replay-cases.js'
import { secretCases } from './secret-cases.js'
import { shopCases } from './shop-cases.js'
import { versionCases } from './version-cases.js'

/** What the contract promises, and where, with the cases that try it; in the order in which they are registered. */
const promises: readonly (readonly [promise: string, cases: readonly DriverCase[]])[] = [
  ['a definition is complete, reads back what it formats, and hides its secrets (DriverDefinition)', configCases],
  ['what a user enters in the form becomes the settings meant (DriverDefinition.form)', formCases],
  [
    'connect and close may be called in any state, end soon, and leave the data alone (Driver.connect, Driver.close)',
    lifecycleCases,
  ],
  ['close gives everything back (Driver.close)', releaseCases],
  ['once write has resolved, every event that it did not name as failed is durable (Driver.write)', durabilityCases],
  [
    'write applies the events of a row in order, and each does what the table of operations says (Driver.write)',
    orderCases,
  ],
  ['an image changes the columns that it has, and no others (Driver.write)', partialCases],
  ['a batch that comes again, whole or in part, leaves what it left once (Driver.write)', replayCases],
  ['a batch within the bounds is written whole (DriverTraits)', batchSizeCases],
  ['prepare makes tables fit for the events, and drops nothing (SchemaSupport.prepare)', migrationCases],
  [
    'schemas are remembered by table and model version, and an image changes only the columns that it has ' +
      '(SchemaSupport.prepare, Driver.write)',
    versionCases,
  ],
  [
    'a missing table is reported as `schema`, and prepare makes it anew (ErrorCode, SchemaSupport.prepare)',
    droppedCases,
  ],
  ['a name works, or is refused before anything is written (SchemaSupport.prepare)', nameCases],
  ['a value is stored as it is, or its event is refused by itself (WriteFailure)', hostileCases],
  ['an event that can never be applied is reported as `record`, at no other event’s cost (Driver.write)', poisonCases],
  ['a write ends soon after its signal aborts, and its batch can be sent again (Driver.write)', abortCases],
  ['open batches are applied in call order, and none behind one that failed (Driver.write)', inFlightCases],
  [
    'an outage is reported as one, and loses nothing once the batch is sent again (ErrorCode, Driver.write)',
    reconnectCases,
  ],
  ['wrong credentials are reported as `authentication` (ErrorCode)', authenticationCases],
  ['no error and no log line holds a secret (EdsError, Logger)', secretCases],
  ['an import loads all rows or leaves the table as it was (BulkImporter.load)', importCases],
  ['a probe tells what it found, at any time, and leaves nothing behind (ConnectionProbe.test)', probeCases],
  ['a stream of changes leaves the rows that its events leave one by one (Driver.write)', shopCases],
]

/** The case with a promise for its messages, and with a look at the secrets in all that the driver let out meanwhile. */
function watched(promise: string, driverCase: DriverCase): DriverCase {
  return {
    promise,
    ...driverCase,
    async run(context: DriverCaseContext) {
      await driverCase.run(context)
      context.secrets.demandHidden('a log line', context.logger.lines)
    },
  }
}

/** Every case of the driver suite, in the order in which they are registered. */
export const driverCases: readonly DriverCase[] = promises.flatMap(([promise, cases]) =>
  cases.map((driverCase) => watched(promise, driverCase)),
)
