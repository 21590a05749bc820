import type { ChangeEvent, Delivery, Source, TableSchema } from '@eds/core'
import type { TableImport } from './import-plan.js'
import { type RowReading, tableRows } from './table-rows.js'

/**
 * The rows of one table as a source that ends: for destinations that have no bulk import, and take rows as they take events. What the
 * stages make of them is left to whoever reads the source.
 */
export function importSource(table: TableImport, schema: TableSchema, reading: RowReading): Source {
  return {
    description: `exported rows of ${table.table}`,
    async open({ after, signal }) {
      const rows = tableRows(table, schema, {
        ...reading,
        stages: [],
        signal: AbortSignal.any([reading.signal, signal]),
      })
      return {
        async *[Symbol.asyncIterator]() {
          for await (const chunk of rows) {
            const deliveries = chunk.map(toDelivery)
            yield after === undefined ? deliveries : deliveries.filter(({ position }) => position > after)
          }
        },
        async acknowledge() {},
        async close() {
          await rows.return(undefined)
        },
      }
    },
    async forget() {},
    async close() {},
  }
}

function toDelivery({ position, bytes, timestamp }: ChangeEvent): Delivery {
  return { position, bytes, time: timestamp }
}
