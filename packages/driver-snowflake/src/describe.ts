import type { DriverTraits } from '@eds/core'
import type { SnowflakeConfig } from './config.js'

/** What the definition says about the driver, besides its configuration. */
export const describeSnowflake = {
  apiVersion: 1,
  name: 'snowflake',
  title: 'Snowflake',
  description: 'Keeps tables in Snowflake in step with the source.',
  exampleUrl: 'snowflake://eds:secret@myorg-account/SHOP/PUBLIC?warehouse=EDS_WH&role=EDS',
  help: `Every source table becomes a table of the same name, in quotes: "order" is not ORDER. New tables and columns are made as they
appear, and nothing is ever dropped. Characters of the password need no escaping. With a key pair leave the password out and add
?privateKeyFile=/path/key.p8 (and ?privateKeyPassphrase=… if it is encrypted). Changes are collected for 2 seconds before each write;
while nothing changes nothing is sent, so that the warehouse can suspend itself.`,
  schemes: ['snowflake'],
} as const

/** A batch costs a few statements however large it is, and a statement takes a good part of a second. */
export function traitsOf({ lingerMs }: SnowflakeConfig): DriverTraits {
  return {
    maxBatchEvents: 5_000,
    maxBatchBytes: 8 * 1024 * 1024,
    maxInFlight: 1,
    lingerMs,
    ordering: 'key',
    redelivery: 'idempotent',
    compaction: true,
    batches: 'free',
    start: 'resume',
  }
}
