import { type ConnectionProbe, EdsError, type ProbeReport } from '@eds/core'
import type { SqlServerConfig } from './config.js'
import { quoteIdentifier, quoteLiteral } from './identifier.js'
import { Session } from './session.js'

type Right = 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE' | 'ALTER' | 'CREATE TABLE'
type Rights = Readonly<Record<Right, number | null>>

/** Looks whether the destination can be written to, on a connection of its own. */
export class Probe implements ConnectionProbe {
  readonly #config: SqlServerConfig

  constructor(config: SqlServerConfig) {
    this.#config = config
  }

  async test(signal: AbortSignal): Promise<ProbeReport> {
    const session = await Session.open(this.#config, signal)
    try {
      const { product, database, schemaName } = session.server
      const [rights] = await session.query<Rights>(rightsQuery(schemaName), signal)
      const lacks = (right: Right) => rights?.[right] !== 1
      const needed = (['SELECT', 'INSERT', 'UPDATE', 'DELETE'] as const).filter(lacks)
      if (needed.length > 0) {
        throw new EdsError('authentication', `SQL Server: no right to ${needed.join(', ')} in schema "${schemaName}"`, {
          fix: `GRANT ${needed.join(', ')} ON SCHEMA::${quoteIdentifier(schemaName)} to the user of EDS`,
        })
      }
      const warnings =
        lacks('CREATE TABLE') || lacks('ALTER')
          ? [`no right to make tables in schema "${schemaName}": new tables and columns have to be made by hand`]
          : []
      return { summary: `${product}, database "${database}", schema "${schemaName}"`, warnings }
    } finally {
      await session.close()
    }
  }
}

function rightsQuery(schemaName: string): string {
  const schema = quoteLiteral(quoteIdentifier(schemaName))
  const onSchema = (['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'ALTER'] as const).map(
    (right) => `HAS_PERMS_BY_NAME(${schema}, 'SCHEMA', '${right}') AS [${right}]`,
  )
  return `SELECT ${onSchema.join(', ')}, HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'CREATE TABLE') AS [CREATE TABLE]`
}
