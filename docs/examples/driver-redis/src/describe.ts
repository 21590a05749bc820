import type { DriverTraits } from '@eds/core'

/** What the definition says about the driver, besides its configuration. */
export const description = {
  apiVersion: 1,
  name: 'redis',
  title: 'Redis',
  description: 'Appends changes to Redis streams, one stream per table.',
  exampleUrl: 'redis://eds:password-of-eds@localhost:6379/0?prefix=shop:',
  help: 'Each entry holds a change as the source sent it, in the field "event", and in "key" what names its row.',
  schemes: ['redis', 'rediss'],
  traits: (): DriverTraits => traits,
} as const

const traits = {
  // Redis does nothing else while it runs a transaction. One of 10,000 entries of 1 kB took 0.1 s, sending included.
  maxBatchEvents: 10_000,
  maxBatchBytes: 8 * 2 ** 20,
  // One transaction at a time keeps the changes of a row in order.
  maxInFlight: 1,
  lingerMs: 0,
  ordering: 'key',
  // A transaction whose answer was lost comes again.
  redelivery: 'duplicates',
  compaction: false,
  batches: 'free',
  start: 'resume',
} as const
