import { EdsError } from '@eds/core'
import type { SqlServerConfig } from './config.js'
import { quoteLiteral } from './identifier.js'
import type { Session } from './session.js'

/** What the server said about itself and about us. */
export interface ServerFacts {
  /** `SQL Server 16.0.1000.6` */
  readonly product: string
  readonly database: string
  /** Where tables go. */
  readonly schemaName: string
}

/** SQL Server 2016, the first with DROP … IF EXISTS. */
const oldestVersion = 13
/** Azure SQL Database and managed instances count by themselves. */
const azureEditions = new Set(['5', '8'])

interface Facts {
  readonly version: string | null
  readonly engine: string | number | null
  readonly database: string
  readonly schemaName: string | null
  readonly updateability: string | null
}

/**
 * Sets what statements rely on and looks around.
 *
 * @throws EdsError when this server or database cannot be written to.
 */
export async function introduce(session: Session, config: SqlServerConfig, signal: AbortSignal): Promise<ServerFacts> {
  await session.query('SET NOCOUNT ON; SET XACT_ABORT ON', signal)
  const [found] = await session.query<Facts>(
    `SELECT SERVERPROPERTY('ProductVersion') AS [version], SERVERPROPERTY('EngineEdition') AS [engine], DB_NAME() AS [database], SCHEMA_NAME(${schemaId(config)}) AS [schemaName], DATABASEPROPERTYEX(DB_NAME(), 'Updateability') AS [updateability]`,
    signal,
  )
  const { version, engine, database = '', schemaName = null, updateability } = found ?? {}
  const isAzure = azureEditions.has(String(engine))
  const product = `${isAzure ? 'Azure SQL' : 'SQL Server'} ${version ?? ''}`.trim()
  if (!isAzure && Number.parseInt(version ?? '0', 10) < oldestVersion) {
    throw new EdsError('unsupported', `${product} is too old`, { fix: 'use SQL Server 2016 or newer' })
  }
  if (updateability === 'READ_ONLY') {
    throw new EdsError('connection', `SQL Server: database "${database}" is read-only here`, {
      fix: 'it may be a replica: connect to the primary',
    })
  }
  if (schemaName === null) {
    const name =
      config.schema === undefined ? 'the user has no default schema' : `there is no schema "${config.schema}"`
    throw new EdsError('configuration', `SQL Server: ${name}`, { fix: 'create it, or name another with ?schema=' })
  }
  return { product, database, schemaName }
}

function schemaId({ schema }: SqlServerConfig): string {
  return schema === undefined ? '' : `SCHEMA_ID(${quoteLiteral(schema)})`
}
