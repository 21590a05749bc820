import type { DriverTraits } from '@eds/core'

/** What the definition says about the driver, besides its configuration. */
export const describePostgres = {
  apiVersion: 1,
  name: 'postgres',
  title: 'PostgreSQL',
  description: 'Keeps tables in PostgreSQL or CockroachDB in step with the source.',
  exampleUrl: 'postgres://eds:secret@db.example.com:5432/shop?sslmode=require',
  help: `Every source table becomes a table of the same name; new tables and columns are made as they appear, and nothing is ever
dropped. Characters of the password need no escaping. Several hosts are tried in turn: postgres://user@a:5432,b:5432/shop.`,
  schemes: ['postgres', 'postgresql'],
  traits: (): DriverTraits => traits,
} as const

const traits: DriverTraits = {
  maxBatchEvents: 3_000,
  maxBatchBytes: 2 * 1024 * 1024,
  maxInFlight: 2,
  lingerMs: 0,
  ordering: 'key',
  redelivery: 'idempotent',
  compaction: true,
  batches: 'free',
  start: 'resume',
}
