import { EdsError } from '@eds/core'
import { broken, withEvents } from './broken.js'

/** Drivers that lose, reorder or change what they are given. */
export const brokenWrites = {
  acknowledgesEarly: broken('Acknowledges early', ({ write }) => ({
    async write(batch, signal) {
      setImmediate(() => void write(batch, signal).catch(() => {}))
      return {}
    },
  })),

  swallowsAnError: broken('Swallows an error', ({ write }) => ({
    async write(batch, signal) {
      await write(batch, signal)
      return {}
    },
  })),

  reordersAKey: broken('Reorders a key', ({ write }) => ({
    write(batch, signal) {
      const deletes = batch.events.filter(({ operation }) => operation === 'DELETE')
      const others = batch.events.filter(({ operation }) => operation !== 'DELETE')
      return write(withEvents(batch, [...deletes, ...others]), signal)
    },
  })),

  forgetsDeletes: broken('Forgets deletes', ({ write }) => ({
    async write(batch, signal) {
      const rest = batch.events.filter(({ operation }) => operation !== 'DELETE')
      return write(withEvents(batch, rest), signal)
    },
  })),

  losesTheBatchOnReconnect: broken('Loses the batch on reconnect', ({ connect, write }) => {
    const met = new Set<string>()
    let reconnected = false
    return {
      async connect(signal) {
        await connect(signal)
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

  reportsAPartialWriteAsWhole: broken('Reports a partial write as whole', ({ write }) => ({
    write: (batch, signal) => write(withEvents(batch, batch.events.slice(0, 1_000)), signal),
  })),

  refusesSoundRows: broken('Refuses rows that are sound', ({ write }) => ({
    async write(batch, signal) {
      const index = batch.events.findIndex(({ table, operation }) => table === 'payment' && operation === 'DELETE')
      if (index >= 0) throw new EdsError('record', 'no payment is ever deleted', { index })
      return write(batch, signal)
    },
  })),

  refusesNumbersAsKeys: broken('Refuses numbers as keys', ({ write }) => ({
    async write(batch, signal) {
      const index = batch.events.findIndex(({ table, after }) => {
        return table === 'labor_matrix_range' && typeof after?.position === 'number'
      })
      if (index >= 0) throw new EdsError('record', 'a key must be text', { index })
      return write(batch, signal)
    },
  })),
}
