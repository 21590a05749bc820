import type { ChangeEvent, Driver, DriverDefinition, EventBatch, WriteResult } from '@eds/core'
import { type MemoryConfig, type MemoryDatabase, memoryDriver } from '@eds/testkit'

type Write = (batch: EventBatch, signal: AbortSignal) => Promise<WriteResult>

/** How a broken driver replaces `write`, given the sound driver's methods. `connect` is told of so that it can misbehave later. */
type Break = (sound: { write: Write }) => { write: Write; onConnect?: () => void }

/** The reference driver with one promise broken. */
function broken(database: MemoryDatabase, title: string, breaks: Break): DriverDefinition<MemoryConfig> {
  const definition = memoryDriver(database)
  return {
    ...definition,
    title,
    create(config, context) {
      const driver = definition.create(config, context)
      const sound = { write: driver.write.bind(driver) }
      const { write, onConnect } = breaks(sound)
      return new Proxy(driver, {
        get(target: Driver, name: keyof Driver) {
          if (name === 'write') return write
          if (name === 'connect') return (signal: AbortSignal) => target.connect(signal).then(onConnect)
          const value: unknown = Reflect.get(target, name, target)
          return typeof value === 'function' ? value.bind(target) : value
        },
      })
    },
  }
}

function withEvents(batch: EventBatch, events: readonly ChangeEvent[]): EventBatch {
  return { ...batch, events }
}

export const brokenDrivers = {
  acknowledgesEarly: (database: MemoryDatabase) =>
    broken(database, 'Acknowledges early', ({ write }) => ({
      async write(batch, signal) {
        setImmediate(() => void write(batch, signal).catch(() => {}))
        return {}
      },
    })),

  swallowsAnError: (database: MemoryDatabase) =>
    broken(database, 'Swallows an error', ({ write }) => ({
      async write(batch, signal) {
        await write(batch, signal)
        return {}
      },
    })),

  reordersAKey: (database: MemoryDatabase) =>
    broken(database, 'Reorders a key', ({ write }) => ({
      write(batch, signal) {
        const deletes = batch.events.filter(({ operation }) => operation === 'DELETE')
        const others = batch.events.filter(({ operation }) => operation !== 'DELETE')
        return write(withEvents(batch, [...deletes, ...others]), signal)
      },
    })),

  forgetsDeletes: (database: MemoryDatabase) =>
    broken(database, 'Forgets deletes', ({ write }) => ({
      async write(batch, signal) {
        const rest = batch.events.filter(({ operation }) => operation !== 'DELETE')
        return write(withEvents(batch, rest), signal)
      },
    })),

  losesTheBatchOnReconnect: (database: MemoryDatabase) =>
    broken(database, 'Loses the batch on reconnect', ({ write }) => {
      const met = new Set<string>()
      let reconnected = false
      return {
        onConnect: () => {
          reconnected = true
        },
        async write(batch, signal) {
          // Takes a batch that it has met before the reconnect for one that it has written.
          if (reconnected && met.has(batch.last)) return {}
          try {
            return await write(batch, signal)
          } catch (error) {
            met.add(batch.last)
            reconnected = false
            throw error
          }
        },
      }
    }),

  reportsAPartialWriteAsWhole: (database: MemoryDatabase) =>
    broken(database, 'Reports a partial write as whole', ({ write }) => ({
      write: (batch, signal) => write(withEvents(batch, batch.events.slice(0, 1_000)), signal),
    })),
}
