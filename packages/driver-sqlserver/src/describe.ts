import type { DriverTraits } from '@eds/core'

/** What the definition says about the driver, besides its configuration. */
export const describeSqlServer = {
  apiVersion: 1,
  name: 'sqlserver',
  title: 'Microsoft SQL Server',
  description: 'Keeps tables in SQL Server or Azure SQL in step with the source.',
  exampleUrl: 'sqlserver://eds:secret@db.example.com:1433/shop?trustServerCertificate=false',
  help: `Every source table becomes a table of the same name; new tables and columns are made as they appear, and nothing is ever
dropped. Characters of the password need no escaping. A named instance: ?instanceName=SQLEXPRESS. Microsoft Entra ID:
?authentication=azure-active-directory-default.`,
  schemes: ['sqlserver'],
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
