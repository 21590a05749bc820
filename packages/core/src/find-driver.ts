import type { DiscoveredDriver } from './discovery.js'
import type { DriverDefinition } from './driver.js'
import { EdsError } from './errors.js'

/** Where to find drivers for the schemes that EDS itself serves. */
const ownDrivers: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'driver-eventhub': ['eventhub'],
    'driver-file': ['file'],
    'driver-kafka': ['kafka'],
    'driver-mysql': ['mysql'],
    'driver-postgres': ['postgres', 'postgresql'],
    'driver-pubsub': ['pubsub'],
    'driver-s3': ['s3'],
    'driver-snowflake': ['snowflake'],
    'driver-socketio': ['socketio'],
    'driver-sqlserver': ['sqlserver'],
  }).flatMap(([name, schemes]) => schemes.map((scheme) => [scheme, `@eds/${name}`] as const)),
)

/**
 * The driver for a URL. Imports only the package that claims the scheme, and those whose `package.json` does not tell their schemes.
 *
 * @throws EdsError `configuration` when no driver or more than one claims the scheme, or when the package cannot be used.
 */
export async function findDriver(drivers: readonly DiscoveredDriver[], url: string): Promise<DriverDefinition> {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase()
  if (scheme === undefined) {
    throw new EdsError('configuration', 'the destination is not a URL', { fix: 'write it as scheme://host/path' })
  }
  const claimed = await Promise.all(drivers.map(schemesOf))
  const [driver, ...others] = drivers.filter((_, index) => claimed[index]?.includes(scheme))
  if (driver === undefined) throw missing(scheme, claimed.flat())
  if (others.length > 0) throw ambiguous(scheme, [driver, ...others])
  const definition = await driver.load()
  if (definition.schemes.includes(scheme)) return definition
  throw new EdsError(
    'configuration',
    `the package.json of "${driver.packageName}" claims "${scheme}://", but its driver serves ${definition.schemes.join(', ')}`,
  )
}

async function schemesOf(driver: DiscoveredDriver): Promise<readonly string[]> {
  return driver.schemes ?? (await driver.load()).schemes
}

function missing(scheme: string, available: readonly string[]): EdsError {
  const own = ownDrivers.get(scheme)
  const list = [...new Set(available)].sort().map((name) => `${name}://`)
  const fix = own
    ? `npm install ${own}`
    : `use one of ${list.join(', ') || '(no driver is installed)'}, or install a package with a driver for it`
  return new EdsError('configuration', `no driver for "${scheme}://"`, { fix })
}

function ambiguous(scheme: string, drivers: readonly DiscoveredDriver[]): EdsError {
  const names = drivers.map(({ packageName, version }) => `${packageName} ${version}`).join(' and ')
  return new EdsError('configuration', `more than one driver for "${scheme}://": ${names}`, {
    fix: 'remove all but one from the dependencies',
  })
}
