import { ContractViolation, DriverCaseContext, driverCases, MemoryDatabase, runCase } from '@eds/testkit'
import { describe, expect, it } from 'vitest'
import { brokenDrivers } from './broken-drivers.js'

interface Expectation {
  readonly driver: keyof typeof brokenDrivers
  /** The case that is meant for this fault, and what it has to say. */
  readonly meantFor: string
  readonly message: RegExp
  /** All kinds of cases in which the fault shows, the meant one first; no other kind may fail. */
  readonly kinds: readonly string[]
}

const allButConfig = [...new Set(driverCases.map(({ name }) => kindOf(name)))].filter((kind) => kind !== 'config')

const expectations: readonly Expectation[] = [
  {
    driver: 'acknowledgesEarly',
    meantFor: 'durability: what write resolved is stored at once',
    message: /does not hold what was written[\s\S]*r1.*: missing/,
    // Nothing can be told about a driver whose answers mean nothing; only its configuration stays sound.
    kinds: allButConfig,
  },
  {
    driver: 'swallowsAnError',
    meantFor: 'refused events: one in the middle of a batch leaves the rest durable',
    message: /an event that cannot be applied was reported as written/,
    kinds: ['refused events', 'in flight'],
  },
  {
    driver: 'reordersAKey',
    meantFor: 'order: a row that is inserted and deleted in one batch is gone',
    message: /r1.*: extra/,
    kinds: ['order', 'rows', 'replay', 'names', 'shop'],
  },
  {
    driver: 'forgetsDeletes',
    meantFor: 'rows: a deleted row is gone',
    message: /r1.*: extra/,
    kinds: ['rows', 'order', 'replay', 'names', 'hostile values', 'import', 'shop'],
  },
  {
    driver: 'losesTheBatchOnReconnect',
    meantFor: 'reconnect: a batch that met a broken connection is all there after connecting and sending it again',
    message: /r2.*: missing/,
    kinds: ['reconnect', 'abort', 'in flight'],
  },
  {
    driver: 'reportsAPartialWriteAsWhole',
    meantFor: 'batch size: all of 1001 events',
    message: /does not hold what was written/,
    kinds: ['batch size', 'abort'],
  },
]

async function outcomes(driver: keyof typeof brokenDrivers) {
  const results = []
  for (const driverCase of driverCases) {
    const database = new MemoryDatabase()
    const options = {
      definition: brokenDrivers[driver](database),
      url: 'memory://broken',
      read: async (table: string) => database.rows(table),
      connection: database.connection,
      shopEvents: 400,
    }
    results.push(await runCase(driverCase, (name) => DriverCaseContext.open(options, name)))
  }
  return results
}

function kindOf(name: string): string {
  return name.split(':')[0] ?? name
}

describe.each(expectations)('a driver that breaks its contract: $driver', ({ driver, meantFor, message, kinds }) => {
  it(`fails "${meantFor}"`, async () => {
    const broken = (await outcomes(driver)).filter((result) => result.outcome === 'broken')
    const meant = broken.find(({ name }) => name === meantFor)
    expect(meant?.error).toBeInstanceOf(ContractViolation)
    expect(String(meant?.error)).toMatch(message)
    expect(new Set(broken.map(({ name }) => kindOf(name)))).toEqual(new Set(kinds))
  })
})
