import type { DriverTraits } from '@eds/core'

/** What the definition says about the driver, besides its configuration. */
export const describeMysql = {
  apiVersion: 1,
  name: 'mysql',
  title: 'MySQL',
  description: 'Keeps tables in MySQL or MariaDB in step with the source.',
  exampleUrl: 'mysql://eds:secret@db.example.com:3306/shop?tls=verify',
  help: `Every source table becomes a table of the same name; new tables and columns are made as they appear, and nothing is ever
dropped. Characters of the password need no escaping.`,
  schemes: ['mysql', 'mariadb'],
  traits: (): DriverTraits => traits,
} as const

const traits: DriverTraits = {
  maxBatchEvents: 3_000,
  maxBatchBytes: 4 * 1024 * 1024,
  maxInFlight: 2,
  lingerMs: 0,
  ordering: 'key',
  redelivery: 'idempotent',
  compaction: true,
  batches: 'free',
  start: 'resume',
}
