import { EdsError, withDeadline } from '@eds/core'
import type { Client, QueryResultRow } from 'pg'
import type { PostgresConfig } from './config.js'
import { connectToAny, destroyClient, onConnection } from './connect.js'
import { createStageStatement, stageTable } from './copy-writer.js'
import { toPostgresError } from './errors.js'
import { type Outcome, submissionOf } from './submission.js'
import type { Work } from './work.js'

/** What the server said about itself and about us. */
export interface ServerFacts {
  /** `PostgreSQL 15.18` */
  readonly product: string
  readonly cockroach: boolean
  readonly database: string
  /** Where tables go. */
  readonly schemaName: string
  /** Whether a temporary table may be made. */
  readonly stage: boolean
}

/** Longest time that a good-bye to the server may take. */
const closeMs = 2_000
/** The stage grows by so many columns at once. */
const stageStep = 32

/** One connection that has been told how to read what EDS sends. Used by one caller at a time. */
export class Session {
  readonly server: ServerFacts
  readonly #client: Client
  readonly #prepared = new Set<string>()
  #stageColumns = 0
  #broken = false

  private constructor(client: Client, server: ServerFacts) {
    this.#client = client
    this.server = server
    const breaks = () => {
      this.#broken = true
    }
    client.on('error', breaks)
    client.on('end', breaks)
  }

  /** @throws EdsError when no host can be used. */
  static open(config: PostgresConfig, signal: AbortSignal): Promise<Session> {
    return connectToAny(config, async (client) => new Session(client, await introduce(client, config)), signal)
  }

  /** Sends a batch in one transaction. Rejects with what the server or the connection says. */
  async send(work: Work, signal: AbortSignal): Promise<Outcome> {
    this.#demandUsable()
    const send = async () => {
      if (work.kind === 'copy') await this.#provideStage(work.columns)
      const submission = submissionOf(work, this.#prepared)
      this.#client.query(submission)
      try {
        return await submission.settled
      } catch (error) {
        if (this.server.cockroach) await this.rollBack()
        throw error
      }
    }
    return onConnection(this.#client, send, signal)
  }

  /** Empties the stage within a transaction that goes on. */
  async clearStage(): Promise<void> {
    await this.#client.query(`TRUNCATE ${stageTable}`)
  }

  /** Leaves a transaction that failed. Never throws: a connection that cannot is unusable from then on. */
  async rollBack(): Promise<void> {
    if (this.#broken) return
    await this.#client.query('ROLLBACK').catch(() => {
      this.#broken = true
      destroyClient(this.#client)
    })
  }

  /** Runs one statement (or, without values, several). Rejects with an `EdsError`. */
  async query<Row extends QueryResultRow>(
    text: string,
    values: unknown[] | undefined,
    signal: AbortSignal,
  ): Promise<Row[]> {
    this.#demandUsable()
    const run = async () => {
      try {
        const { rows } = await this.#client.query<Row>(text, values)
        return rows
      } catch (error) {
        throw toPostgresError(error)
      }
    }
    return onConnection(this.#client, run, signal)
  }

  /** Lends the connection to a task of its own, for streams. */
  async lend<T>(signal: AbortSignal, task: (client: Client) => Promise<T>): Promise<T> {
    this.#demandUsable()
    return onConnection(this.#client, () => task(this.#client), signal)
  }

  /** Ends the connection, politely if that is quick. Never throws. */
  async close(): Promise<void> {
    await withDeadline(() => this.#client.end(), { timeoutMs: closeMs, what: 'PostgreSQL' }).catch(() => {})
    destroyClient(this.#client)
  }

  /** Makes the stage when it is first needed, and again when rows get wider. */
  async #provideStage(columns: number): Promise<void> {
    if (columns <= this.#stageColumns) return
    const wanted = Math.ceil(columns / stageStep) * stageStep
    await this.#client.query(createStageStatement(wanted))
    this.#stageColumns = wanted
  }

  #demandUsable(): void {
    if (this.#broken) throw new EdsError('connection', 'PostgreSQL: the connection is broken')
  }
}

/** Settings that decide how texts are read; nothing of the role's or the database's may change them. */
const settings = [
  `SET timezone = 'UTC'`,
  `SET datestyle = 'ISO, YMD'`,
  `SET intervalstyle = 'iso_8601'`,
  'SET standard_conforming_strings = on',
  'SET client_min_messages = warning',
]

async function introduce(client: Client, config: PostgresConfig): Promise<ServerFacts> {
  const { rows } = await client.query<{ version: string }>('SELECT version() AS version')
  const version = rows[0]?.version ?? ''
  const cockroach = version.includes('CockroachDB')
  const timeout = config.statementTimeoutMs
  await client.query([...settings, ...(timeout === undefined ? [] : [`SET statement_timeout = ${timeout}`])].join('; '))
  if (!cockroach) await client.query(serverSettings)
  const facts = await lookAround(client, config)
  const product = /^\S+(?: CCL)? v?[\d.]+/.exec(version)?.[0] ?? version.slice(0, 40)
  return { product, cockroach, ...facts, stage: facts.stage && !cockroach }
}

/**
 * What resolving a write promises must survive the server's crash, so an asynchronous commit is made synchronous (stricter settings
 * stay). Compiling these statements costs more than it gains. Broken connections are noticed by the server in about a minute, so that
 * what they hold is released.
 */
const serverSettings = `
SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';
SELECT set_config(name, wanted, false) FROM pg_settings JOIN (VALUES ('jit', 'off'), ('tcp_keepalives_idle', '30'),
  ('tcp_keepalives_interval', '10'), ('tcp_keepalives_count', '3')) AS w (setting_name, wanted) ON name = setting_name`

interface Surroundings extends QueryResultRow {
  readonly database: string
  readonly schemaName: string | null
  readonly readOnly: boolean
  readonly stage: boolean
}

async function lookAround(
  client: Client,
  config: PostgresConfig,
): Promise<Pick<ServerFacts, 'database' | 'schemaName' | 'stage'>> {
  const { rows } = await client.query<Surroundings>(
    `SELECT current_database() AS "database", current_setting('transaction_read_only') = 'on' AS "readOnly",
      (SELECT nspname::text FROM pg_catalog.pg_namespace WHERE nspname = coalesce($1, current_schema())) AS "schemaName",
      has_database_privilege(current_database(), 'TEMP') AS "stage"`,
    [config.schema ?? null],
  )
  const found = rows[0]
  if (found?.readOnly) {
    throw new EdsError('connection', 'PostgreSQL: this server is read-only', {
      fix: 'it may be a replica: list the primary among the hosts of the URL',
    })
  }
  if (found?.schemaName === null || found === undefined) {
    const name =
      config.schema === undefined ? 'no schema is on the search path' : `there is no schema "${config.schema}"`
    throw new EdsError('configuration', `PostgreSQL: ${name}`, { fix: 'create it, or name another with ?schema=' })
  }
  return { database: found.database, schemaName: found.schemaName, stage: found.stage }
}
