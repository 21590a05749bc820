import { type ConnectionProbe, EdsError, type ProbeReport } from '@eds/core'
import type { SnowflakeConfig } from './config.js'
import { toMigrationError } from './errors.js'
import { qualify, quoteIdentifier } from './identifier.js'
import { Session } from './session.js'
import { newToken } from './token.js'

/** Looks whether the destination can be written to, on a session of its own. */
export class Probe implements ConnectionProbe {
  readonly #config: SnowflakeConfig

  constructor(config: SnowflakeConfig) {
    this.#config = config
  }

  async test(signal: AbortSignal): Promise<ProbeReport> {
    const token = newToken()
    const session = await Session.open(this.#config, token, signal)
    try {
      const { version, warehouse, role, database, schemaName } = session.server
      const warnings = await tryRights(session, qualify(session.server, `_eds_probe_${token}`), signal)
      return {
        summary: `Snowflake ${version}, warehouse ${warehouse}, role ${role}, schema ${database}.${schemaName}`,
        warnings,
      }
    } finally {
      await session.close()
    }
  }
}

/** Makes a table and drops it again: nothing else tells for certain, with roles that inherit and grants for the future. */
async function tryRights(session: Session, table: string, signal: AbortSignal): Promise<string[]> {
  const { schemaName, database, role } = session.server
  const schema = `${quoteIdentifier(database)}.${quoteIdentifier(schemaName)}`
  const writable = await session.run(
    {
      text: `SELECT COUNT(*) AS "n" FROM ${quoteIdentifier(database)}.INFORMATION_SCHEMA.TABLES AS t WHERE t.TABLE_SCHEMA = ?`,
      binds: [schemaName],
    },
    signal,
  )
  try {
    await session.run({ text: `CREATE TABLE ${table} ("id" INTEGER)` }, signal)
    await session.run({ text: `DROP TABLE IF EXISTS ${table}` }, signal)
    return []
  } catch (error) {
    const known = toMigrationError(error)
    if (known.code !== 'authentication') throw known
    const fix = `GRANT USAGE, CREATE TABLE ON SCHEMA ${schema} TO ROLE ${quoteIdentifier(role)}`
    if (Number(writable[0]?.n ?? 0) > 0) {
      return [`no right to make tables in schema ${schema}: new tables and columns have to be made by hand, or ${fix}`]
    }
    throw new EdsError('authentication', `Snowflake: role "${role}" may not make tables in schema ${schema}`, { fix })
  }
}
