import type { DriverTraits } from '@eds/core'

/** What the definition says about the driver, besides its configuration. */
export const description = {
  apiVersion: 1,
  name: 'redis',
  title: 'Redis',
  description: 'Appends changes to streams in memory, one stream per table.',
  exampleUrl: 'redis://:password-of-the-store@shop',
  help: 'Each entry is a change as the source sent it. The streams live as long as the process.',
  schemes: ['redis'],
  traits: (): DriverTraits => traits,
} as const

const traits = {
  maxBatchEvents: 10_000,
  maxBatchBytes: 8 * 2 ** 20,
  // One call at a time keeps the changes of a row in order.
  maxInFlight: 1,
  lingerMs: 0,
  ordering: 'key',
  // A call whose answer was lost comes again.
  redelivery: 'duplicates',
  compaction: false,
  batches: 'free',
  start: 'resume',
} as const
