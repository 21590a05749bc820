import type { DriverTraits } from '@eds/core'

/** What the definition says about the driver, besides its configuration. */
export const description = {
  apiVersion: 1,
  name: '__name__',
  title: '__title__',
  description: 'Posts changes to an HTTP receiver, as lines of JSON.',
  exampleUrl: '__scheme__://:token-of-the-receiver@receiver.example.com/changes',
  help: 'Each request holds the changes of a batch, one per line, as the source sent them, in order.',
  schemes: ['__scheme__'],
  traits: (): DriverTraits => traits,
} as const

const traits = {
  maxBatchEvents: 1_000,
  maxBatchBytes: 2 ** 20,
  // One request at a time keeps the changes of a row in order.
  maxInFlight: 1,
  lingerMs: 0,
  ordering: 'key',
  // A request whose answer was lost comes again.
  redelivery: 'duplicates',
  compaction: false,
  batches: 'free',
  start: 'resume',
} as const
