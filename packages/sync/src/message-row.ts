import type { ChangeEvent, JsonObject, TableSchema } from '@eds/core'
import type { SyncMessage } from './message.js'

/**
 * The message as an event that any driver takes: the INSERT of a row with the message's columns into the table that the service's name
 * gives, keyed by the message's id. Its bytes are the message's JSON, so that drivers that send bytes (Pub/Sub, Kafka, files) publish
 * exactly what EventSync does.
 */
export function syncChangeEvent(message: SyncMessage, position: string): ChangeEvent {
  const { eventID, serviceName, date } = message
  const timestamp = Date.parse(date)
  return {
    operation: 'INSERT',
    id: eventID,
    table: serviceName,
    key: [eventID],
    modelVersion: '1',
    // A message is plain JSON.
    after: message as unknown as JsonObject,
    timestamp,
    mvccTimestamp: `${timestamp}000000.0`,
    position,
    bytes: Buffer.from(JSON.stringify(message)),
    rowKey: eventID,
  }
}

/** The table of {@link syncChangeEvent}, for destinations that have tables. */
export function syncTableSchema(serviceName: string): TableSchema {
  return {
    table: serviceName,
    modelVersion: '1',
    primaryKeys: ['eventID'],
    required: ['eventID', 'date', 'serviceName', 'triggerType', 'events'],
    properties: {
      eventID: { type: 'string' },
      // Nine digits of the second are more than a `date-time` has.
      date: { type: 'string' },
      serviceName: { type: 'string' },
      triggerType: { type: 'string' },
      events: { type: 'object' },
    },
  }
}
