import {
  type CaseOutcome,
  ContractViolation,
  DriverCaseContext,
  driverCases,
  MemoryDatabase,
  runCase,
} from '@eds/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import type { MakeDriver } from './broken-drivers/broken.js'
import { brokenConnections, leftBehind } from './broken-drivers/connections.js'
import { brokenSchemas } from './broken-drivers/schemas.js'
import { brokenWrites } from './broken-drivers/writes.js'

const brokenDrivers = { ...brokenWrites, ...brokenSchemas, ...brokenConnections }

interface Expectation {
  readonly driver: keyof typeof brokenDrivers
  /** The case that is meant for this fault, and what it has to say. */
  readonly meantFor: string
  readonly message: RegExp
  /** All kinds of cases in which the fault shows, the meant one first; no other kind may fail. */
  readonly kinds: readonly string[]
}

const allButDefinition = [...new Set(driverCases.map(({ name }) => kindOf(name)))].filter(
  (kind) => kind !== 'config' && kind !== 'form',
)

const expectations: readonly Expectation[] = [
  {
    driver: 'acknowledgesEarly',
    meantFor: 'durability: what write resolved is stored at once',
    message: /write has resolved[\s\S]*does not hold what was written[\s\S]*r1.*: missing/,
    // Nothing can be told about a driver whose answers mean nothing; only its configuration, its form and its connecting stay sound.
    kinds: allButDefinition.filter((kind) => !['authentication', 'secrets'].includes(kind)),
  },
  {
    driver: 'swallowsAnError',
    meantFor: 'refused events: one in the middle of a batch leaves the rest durable',
    message: /can never be applied is reported as `record`[\s\S]*was reported as written/,
    kinds: ['refused events', 'in flight'],
  },
  {
    driver: 'reordersAKey',
    meantFor: 'order: a row that is inserted and deleted in one batch is gone',
    message: /events of a row in order[\s\S]*r1.*: extra/,
    kinds: ['order', 'rows', 'replay', 'names', 'shop'],
  },
  {
    driver: 'forgetsDeletes',
    meantFor: 'rows: a deleted row is gone',
    message: /the table of operations[\s\S]*r1.*: extra/,
    kinds: ['rows', 'order', 'replay', 'names', 'hostile values', 'import', 'shop'],
  },
  {
    driver: 'losesTheBatchOnReconnect',
    meantFor: 'reconnect: a batch that met a broken connection is all there after connecting and sending it again',
    message: /loses nothing once the batch is sent again[\s\S]*r2.*: missing/,
    kinds: ['reconnect', 'abort', 'in flight'],
  },
  {
    driver: 'reportsAPartialWriteAsWhole',
    meantFor: 'batch size: all of 1001 events',
    message: /within the bounds is written whole[\s\S]*does not hold what was written/,
    kinds: ['batch size', 'abort'],
  },
  {
    driver: 'refusesSoundRows',
    meantFor: 'shop: with values that some destinations cannot hold, everything else ends in the expected tables',
    message:
      /events that every destination can hold were refused: \d+, for instance\nDELETE of "payment" at \d+: no payment/,
    kinds: ['shop'],
  },
  {
    driver: 'refusesNumbersAsKeys',
    meantFor: 'shop: the workload of a repair shop in batches of random size ends in the expected tables',
    message: /events that every destination can hold were refused[\s\S]*"labor_matrix_range".*a key must be text/,
    kinds: ['shop'],
  },
  {
    driver: 'remembersSchemasByTable',
    meantFor: 'migration: schemas are told apart by version, whichever was prepared last',
    message: /remembered by table and model version[\s\S]*r1.* mileage: expected "1", found null/,
    kinds: ['migration'],
  },
  {
    driver: 'replacesRowsOnInsert',
    meantFor: 'migration: an insert of an older version over a row that is there leaves newer columns alone',
    message:
      /an image changes only the columns that it has[\s\S]*r1.* mileage: expected "1", found null[\s\S]*r2.* mileage/,
    kinds: ['migration'],
  },
  {
    driver: 'blamesEventsForAMissingTable',
    meantFor: 'dropped: the table of a single event is missing, and there again once it is prepared',
    message: /a missing table is reported as `schema`[\s\S]*blames its events for the missing table/,
    kinds: ['dropped'],
  },
  {
    driver: 'takesAMissingTableForAnOutage',
    meantFor: 'dropped: the table of a batch is missing, and there again once it is prepared',
    message: /must be reported with the code "schema", not with "connection"/,
    kinds: ['dropped'],
  },
  {
    driver: 'tellsThePassword',
    meantFor: 'reconnect: connect without a destination says so, and works when it is back',
    message:
      /no error, no log line and no report holds a secret[\s\S]*an error of connect shows a secret: .*out of reach: \*\*\*$/,
    kinds: ['reconnect', 'lifecycle', 'authentication', 'secrets'],
  },
  {
    driver: 'tellsThePasswordInACause',
    meantFor: 'reconnect: a batch that met a broken connection is all there after connecting and sending it again',
    message: /an error of write shows a secret: [\s\S]*no answer to \*\*\*$/,
    kinds: ['reconnect', 'abort', 'in flight', 'migration', 'dropped', 'secrets'],
  },
  {
    driver: 'tellsThePasswordOfAnEvent',
    meantFor: 'refused events: alone in a batch, the error is of the kind `record`',
    message: /an error of write shows a secret: .*memory:\/\/:\*\*\*@/,
    kinds: ['refused events', 'in flight'],
  },
  {
    driver: 'logsThePassword',
    meantFor: 'lifecycle: connects again after a close',
    message:
      /no error, no log line and no report holds a secret[\s\S]*a log line shows a secret: debug closing .*'\*\*\*'/,
    kinds: ['lifecycle', 'abort', 'reconnect', 'authentication', 'probe'],
  },
  {
    driver: 'reportsThePassword',
    meantFor: 'probe: works before connecting, while connected and after closing, and leaves the data alone',
    message: /the report of the probe shows a secret: the password \*\*\* is short/,
    kinds: ['probe', 'authentication', 'secrets'],
  },
  {
    driver: 'takesAnOutageForTheUnknown',
    meantFor: 'reconnect: connect without a destination says so, and works when it is back',
    message: /connect rejected with the code "unknown", but an outage is "connection", "timeout" or "throttled"/,
    kinds: ['reconnect'],
  },
  {
    driver: 'takesRefusalForAnOutage',
    meantFor: 'authentication: wrong credentials are refused as such, and close works after that',
    message: /are reported as `authentication`[\s\S]*with the code "connection" instead of "authentication"/,
    kinds: ['authentication'],
  },
  {
    driver: 'ignoresTheSignal',
    meantFor: 'abort: a write to a destination that does not answer rejects soon after its signal aborts',
    message: /ends soon after its signal aborts[\s\S]*did not settle within 2000 ms/,
    kinds: ['abort'],
  },
  {
    driver: 'leaksTimers',
    meantFor: 'lifecycle: close gives back every socket, file and timer',
    message: /close gives everything back[\s\S]*after 6 drivers were closed, these are still open: \d+ Timeout$/,
    kinds: ['lifecycle'],
  },
  {
    driver: 'leaksFiles',
    meantFor: 'lifecycle: close gives back every socket, file and timer',
    message: /close gives everything back[\s\S]*these are still open: \d+ file descriptor$/,
    kinds: ['lifecycle'],
  },
  {
    driver: 'closesWithAnError',
    meantFor: 'lifecycle: closes without ever having been connected, and twice',
    message: /connect and close may be called in any state[\s\S]*closed already/,
    kinds: ['lifecycle', 'abort', 'reconnect', 'authentication', 'probe'],
  },
  {
    driver: 'hidesThePasswordByNameOnly',
    meantFor: 'config: the password of a URL lands in a field that is marked as secret',
    message: /hides its secrets[\s\S]*the field "password", which is not marked with secret\(\)/,
    kinds: ['config'],
  },
]

/** The largest batches take the most time, and none of these faults begins there. */
const cases = driverCases.filter(({ name }) => !/^batch size: all of (?:5000|10000) /.test(name))

async function outcomesOf(make: MakeDriver): Promise<CaseOutcome[]> {
  const results = []
  for (const driverCase of cases) {
    const database = new MemoryDatabase('right-passw0rd')
    const options = {
      definition: make(database),
      url: 'memory://:right-passw0rd@broken',
      wrongUrl: 'memory://:wrong-passw0rd@broken',
      read: async (table: string) => database.rows(table),
      connection: database.connection,
      drop: async (table: string) => database.drop(table),
      shopEvents: 400,
      limitMs: 2_000,
    }
    results.push(await runCase(driverCase, (name) => DriverCaseContext.open(options, name)))
  }
  return results
}

function kindOf(name: string): string {
  return name.split(':')[0] ?? name
}

afterEach(() => {
  for (const giveBack of leftBehind.splice(0)) giveBack()
})

describe.each(expectations)('a driver that breaks its contract: $driver', ({ driver, meantFor, message, kinds }) => {
  it(`fails "${meantFor}"`, async () => {
    const broken = (await outcomesOf(brokenDrivers[driver])).filter((result) => result.outcome === 'broken')
    const meant = broken.find(({ name }) => name === meantFor)
    expect(meant?.error).toBeInstanceOf(ContractViolation)
    expect(meant?.error.message).toMatch(/^broken promise: /)
    expect(meant?.error.message).toMatch(message)
    expect(new Set(broken.map(({ name }) => kindOf(name)))).toEqual(new Set(kinds))
  })
})
