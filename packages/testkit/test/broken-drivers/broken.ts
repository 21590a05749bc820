import type { ChangeEvent, Driver, DriverContext, DriverDefinition, EventBatch } from '@eds/core'
import { type MemoryConfig, type MemoryDatabase, memoryDriver } from '@eds/testkit'

/** Makes a driver on a database. */
export type MakeDriver = (database: MemoryDatabase) => DriverDefinition<MemoryConfig>

/** What a broken driver does differently, given the sound one. */
type Break = (sound: Driver, config: MemoryConfig, context: DriverContext) => Partial<Driver>

/** The reference driver with one promise broken. */
export function broken(title: string, breaks: Break): MakeDriver {
  return (database) => {
    const definition = memoryDriver(database)
    return {
      ...definition,
      title,
      create(config, context) {
        const sound = plain(definition.create(config, context))
        return { ...sound, ...breaks(sound, config, context) }
      },
    }
  }
}

/** The driver as an object that can be spread. */
function plain(driver: Driver): Driver {
  const { schema, importer, probe } = driver
  return {
    connect: (signal) => driver.connect(signal),
    write: (batch, signal) => driver.write(batch, signal),
    close: () => driver.close(),
    ...(schema && { schema }),
    ...(importer && { importer }),
    ...(probe && { probe }),
  }
}

export function withEvents(batch: EventBatch, events: readonly ChangeEvent[]): EventBatch {
  return { ...batch, events }
}
