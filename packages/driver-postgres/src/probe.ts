import { type ConnectionProbe, EdsError, type ProbeReport } from '@eds/core'
import type { PostgresConfig } from './config.js'
import { toPostgresError } from './errors.js'
import { Session } from './session.js'

interface Rights {
  readonly mayCreate: boolean
  /** How many tables of the schema may be written. */
  readonly writable: number
}

/** Looks whether the destination can be written to, on a connection of its own. */
export class Probe implements ConnectionProbe {
  readonly #config: PostgresConfig

  constructor(config: PostgresConfig) {
    this.#config = config
  }

  async test(signal: AbortSignal): Promise<ProbeReport> {
    const session = await Session.open(this.#config, signal)
    try {
      const { product, database, schemaName, stage, cockroach } = session.server
      const rights = await readRights(session, signal)
      if (!rights.mayCreate && rights.writable === 0) {
        throw new EdsError(
          'authentication',
          `PostgreSQL: role "${this.#config.username}" may neither make tables in schema "${schemaName}" nor write to any that are there`,
          {
            fix: `GRANT USAGE, CREATE ON SCHEMA "${schemaName}" TO "${this.#config.username}"`,
          },
        )
      }
      const warnings = []
      if (!rights.mayCreate)
        warnings.push(
          `no right to make tables in schema "${schemaName}": new tables and columns have to be made by hand`,
        )
      if (!stage && !cockroach)
        warnings.push(
          `no right to make temporary tables: GRANT TEMPORARY ON DATABASE "${database}" makes large batches faster`,
        )
      return { summary: `${product}, database "${database}", schema "${schemaName}"`, warnings }
    } catch (error) {
      throw toPostgresError(error)
    } finally {
      await session.close()
    }
  }
}

async function readRights(session: Session, signal: AbortSignal): Promise<Rights> {
  const { schemaName } = session.server
  const [rights] = await session.query<Rights>(
    `SELECT has_schema_privilege($1, 'CREATE') AS "mayCreate",
      (SELECT count(*)::int FROM pg_catalog.pg_tables WHERE schemaname = $1
        AND (SELECT bool_and(has_table_privilege(format('%I.%I', schemaname, tablename), right_name))
          FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS right_name)) AS "writable"`,
    [schemaName],
    signal,
  )
  return rights ?? { mayCreate: false, writable: 0 }
}
