import type { Delivery } from '@eds/core'
import { type ChangePlace, eventText, type RowChange } from './event-text.js'
import type { RowWriter } from './row-writer.js'

/** One change as a delivery; with its `defect` when it cannot be written as an event. */
export function deliveryOf(writer: RowWriter, change: RowChange, place: ChangePlace): Delivery {
  const { position, timestamp } = place
  try {
    return { position, time: timestamp, bytes: Buffer.from(eventText(writer, change, place)) }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const { name } = writer.table
    const bytes = Buffer.from(JSON.stringify({ table: name, ...change }))
    return {
      position,
      time: timestamp,
      bytes,
      defect: `a change of table "${name}" cannot be written as JSON: ${reason}`,
    }
  }
}
