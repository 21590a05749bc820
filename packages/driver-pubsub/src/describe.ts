import type { DriverTraits } from '@eds/core'
import type { PubsubConfig } from './config.js'

/** What the definition says about the driver, besides its configuration. */
export const describePubsub = {
  apiVersion: 1,
  name: 'pubsub',
  title: 'Google Cloud Pub/Sub',
  description: 'Publishes every change as a message to a Google Cloud Pub/Sub topic.',
  exampleUrl: 'pubsub://my-project/eds-changes?credentials=/etc/eds/pubsub-key.json',
  help: `One message per change: its data is the change's JSON as it came, its ordering key tells the row, its attributes the table,
operation, company and location. Subscriptions with message ordering receive the changes of a row in order. Without a key file the
Application Default Credentials are used; PUBSUB_EMULATOR_HOST and ?endpoint=host:port name an emulator.`,
  schemes: ['pubsub'],
  traits: ({ ordering }: PubsubConfig): DriverTraits => ({ ...traits, ordering: ordering ? 'key' : 'none' }),
} as const

const traits = {
  // Four requests of 1,000 messages, which is the most that Pub/Sub takes in one.
  maxBatchEvents: 4_000,
  maxBatchBytes: 4 * 2 ** 20,
  maxInFlight: 1,
  lingerMs: 0,
  redelivery: 'duplicates',
  compaction: false,
  batches: 'free',
  start: 'resume',
} as const
