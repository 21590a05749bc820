import { EdsError } from '@eds/core'
import { type AnswerRow, Client, type Request } from './client.js'
import type { SnowflakeConfig } from './config.js'
import { breaksSession, type ErrorPlace, toSnowflakeError } from './errors.js'
import { type Place, qualify } from './identifier.js'
import type { SnowflakeTable } from './plan.js'
import { createStageStatement } from './statements.js'

/** What the service said about itself and about us. */
export interface ServerFacts extends Place {
  readonly version: string
  readonly warehouse: string
  readonly role: string
}

interface Stage {
  readonly name: string
  readonly plan: SnowflakeTable
  rows: number
}

/** A stage with more rows than this is emptied. */
const maxStagedRows = 100_000

/** One session that has been told how to read what EDS sends. Used by one caller at a time. */
export class Session {
  readonly server: ServerFacts
  readonly #client: Client
  readonly #token: string
  readonly #stages = new Map<string, Stage>()
  #broken = false
  #inTransaction = false

  private constructor(client: Client, server: ServerFacts, token: string) {
    this.#client = client
    this.server = server
    this.#token = token
  }

  /** `token`: makes the names of temporary objects unique. @throws EdsError */
  static async open(config: SnowflakeConfig, token: string, signal: AbortSignal): Promise<Session> {
    const client = await Client.open(config, signal)
    try {
      return new Session(client, await introduce(client, config, signal), token)
    } catch (error) {
      void client.close()
      throw toSnowflakeError(error)
    }
  }

  /** Runs one statement. Rejects with an `EdsError`. */
  async run(request: Request, signal: AbortSignal, place: ErrorPlace = {}): Promise<AnswerRow[]> {
    if (this.#broken) throw new EdsError('connection', 'Snowflake: the session is broken')
    try {
      return await this.#client.run(request, signal)
    } catch (error) {
      const known = toSnowflakeError(error, place)
      if (breaksSession(known)) this.#broken = true
      throw known
    }
  }

  /** Runs statements in one transaction; all of them take effect or none. */
  async transaction<T>(tag: string | undefined, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const tagged = tag === undefined ? {} : { tag }
    await this.run({ text: 'BEGIN', ...tagged }, signal)
    this.#inTransaction = true
    try {
      const result = await work()
      await this.run({ text: 'COMMIT', ...tagged }, signal)
      return result
    } catch (error) {
      await this.#rollBack(tagged, signal)
      throw error
    } finally {
      this.#inTransaction = false
    }
  }

  /** Never throws: a session that cannot is unusable from then on. */
  async #rollBack(tagged: Pick<Request, 'tag'>, signal: AbortSignal): Promise<void> {
    if (this.#broken) return
    await this.run({ text: 'ROLLBACK', ...tagged }, signal).catch(() => {
      this.#broken = true
    })
  }

  /**
   * The temporary table that takes `rows` more rows of a table; made when it is first needed, and anew when the plan has changed or
   * much has gathered in it, but then not within a transaction, which this would end.
   */
  async stageOf(plan: SnowflakeTable, rows: number, tag: string | undefined, signal: AbortSignal): Promise<string> {
    const known = this.#stages.get(plan.table)
    if (known?.plan === plan && (known.rows < maxStagedRows || this.#inTransaction)) {
      known.rows += rows
      return known.name
    }
    const name = known?.name ?? qualify(this.server, `_eds_stage_${this.#token}_${this.#stages.size}`)
    await this.run({ text: createStageStatement(plan, name), ...(tag === undefined ? {} : { tag }) }, signal)
    this.#stages.set(plan.table, { name, plan, rows })
    return name
  }

  /** Ends the session, politely if that is quick. Never throws. */
  close(): Promise<void> {
    return this.#client.close()
  }
}

/** Settings that decide how texts are read; nothing of the user's or the account's may change them. */
function settings({ statementTimeoutMs }: SnowflakeConfig): string {
  const seconds = Math.ceil(statementTimeoutMs / 1000)
  return [
    "ALTER SESSION SET TIMEZONE = 'UTC'",
    "TIMESTAMP_TYPE_MAPPING = 'TIMESTAMP_NTZ'",
    "TIMESTAMP_INPUT_FORMAT = 'AUTO'",
    "DATE_INPUT_FORMAT = 'AUTO'",
    'AUTOCOMMIT = TRUE',
    'TRANSACTION_ABORT_ON_ERROR = FALSE',
    'ERROR_ON_NONDETERMINISTIC_MERGE = TRUE',
    'QUOTED_IDENTIFIERS_IGNORE_CASE = FALSE',
    `STATEMENT_TIMEOUT_IN_SECONDS = ${seconds}`,
    `LOCK_TIMEOUT = ${seconds}`,
  ].join(' ')
}

const lookAround =
  'SELECT CURRENT_VERSION() AS "version", CURRENT_DATABASE() AS "database", CURRENT_SCHEMA() AS "schemaName", ' +
  'CURRENT_WAREHOUSE() AS "warehouse", CURRENT_ROLE() AS "role"'

async function introduce(client: Client, config: SnowflakeConfig, signal: AbortSignal): Promise<ServerFacts> {
  await client.run({ text: settings(config) }, signal)
  const [found = {}] = await client.run({ text: lookAround }, signal)
  const fact = (name: string, missing: string, fix: string): string => {
    const value = found[name]
    if (typeof value === 'string') return value
    throw new EdsError('configuration', `Snowflake: ${missing}`, { fix })
  }
  const { database, schema, warehouse } = config
  const grant =
    'create it, GRANT USAGE on it to the role, or correct the name in the URL (in double quotes if it is not upper case)'
  const named =
    warehouse === undefined ? 'the user has no warehouse' : `there is no warehouse ${warehouse} for this role`
  return {
    database: fact('database', `there is no database ${database} for this role`, grant),
    schemaName: fact('schemaName', `there is no schema ${schema} for this role`, grant),
    warehouse: fact('warehouse', named, 'name one with ?warehouse=, and GRANT USAGE on it to the role'),
    version: String(found.version),
    role: String(found.role),
  }
}
