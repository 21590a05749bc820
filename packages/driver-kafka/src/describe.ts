import type { DriverTraits } from '@eds/core'

/** What the definition says about the driver, besides its configuration. */
export const describeKafka = {
  apiVersion: 1,
  name: 'kafka',
  title: 'Apache Kafka',
  description: 'Sends every change to Kafka topics, in order per row.',
  exampleUrl: 'kafka://kafka.example.com:9092/changes',
  help: `The message is the change event's JSON, its key dbchange.[TABLE].[OPERATION].[COMPANY_ID].[LOCATION_ID].[MESSAGE_ID]. The partition is a
hash of [TABLE].[COMPANY_ID].[LOCATION_ID].[PRIMARY_KEY], which the header eds-partitionkey holds, so changes of a row stay in order.
Several brokers: kafka://a:9092,b:9092/changes. One topic per table: kafka://a:9092/eds.{table}. Login: kafka://user:password@a:9093/changes?sasl=scram-sha-512&tls=true.`,
  schemes: ['kafka'],
  traits: (): DriverTraits => traits,
} as const

const traits: DriverTraits = {
  // More make the client slower: it copies the list of a partition once for each message.
  maxBatchEvents: 1_000,
  maxBatchBytes: 4 * 2 ** 20,
  maxInFlight: 1,
  lingerMs: 0,
  ordering: 'key',
  redelivery: 'duplicates',
  compaction: false,
  batches: 'free',
  start: 'resume',
}
