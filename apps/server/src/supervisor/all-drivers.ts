import { randomUUID } from 'node:crypto'
import { type DiscoveredDriver, type DriverDefinition, type Logger, memoryState, systemClock } from '@eds/core'
import { errorLine } from '../failure.js'

/** Every driver at hand. One whose package is broken is left out, and told in the log. */
export async function loadDrivers(
  drivers: readonly DiscoveredDriver[],
  logger: Pick<Logger, 'warn'>,
): Promise<DriverDefinition[]> {
  const loaded = await Promise.all(
    drivers.map((driver) =>
      driver.load().catch((error: unknown) => {
        logger.warn({}, `a driver is left out: ${errorLine(error)}`)
        return undefined
      }),
    ),
  )
  return loaded.filter((definition) => definition !== undefined)
}

/** Whether destinations of a driver have tables that migrate; its example tells. Connects to nothing. */
export function hasTables(definition: DriverDefinition): boolean {
  const config = definition.config.safeParse(definition.parse(definition.exampleUrl))
  if (!config.success) return false
  const driver = definition.create(config.data, {
    sink: definition.name,
    session: randomUUID(),
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    clock: systemClock,
    random: Math.random,
    metrics: { count() {} },
    state: memoryState(),
  })
  return driver.schema !== undefined
}
