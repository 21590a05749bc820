import type { DriverTraits } from '@eds/core'

/** What the definition says about the driver, besides its configuration. */
export const describeEventHub = {
  apiVersion: 1,
  name: 'eventhub',
  title: 'Azure Event Hubs',
  description: 'Sends every change as an event to an Azure event hub.',
  exampleUrl:
    'eventhub://ns.servicebus.windows.net/;SharedAccessKeyName=sender;SharedAccessKey=secret;EntityPath=changes',
  help: `The connection string that the portal shows, with Endpoint=sb:// replaced by eventhub://, or as it is. Characters of the key
need no escaping. Without a key, the machine's Azure identity is used: eventhub://ns.servicebus.windows.net/;EntityPath=changes.`,
  schemes: ['eventhub'],
  traits: (): DriverTraits => traits,
} as const

const traits: DriverTraits = {
  maxBatchEvents: 2_000,
  maxBatchBytes: 4 * 2 ** 20,
  maxInFlight: 1,
  lingerMs: 0,
  ordering: 'key',
  redelivery: 'duplicates',
  // Every change is an event of its own.
  compaction: false,
  batches: 'free',
  start: 'resume',
}
