import { EdsError } from '@eds/core'
import type { Connection, ResultSetHeader } from 'mysql2'
import type { MysqlConfig } from './config.js'
import { connectMysql, fromCallback, onConnection } from './connect.js'
import type { BoundStatement } from './encode.js'
import { toMysqlError } from './errors.js'
import { type FactsRow, factsQuery, type ServerFacts, serverFacts } from './server.js'
import { StatementError, submit } from './submission.js'

/** Longest time that a good-bye to the server may take. */
const closeMs = 2_000
/** Statements that a connection keeps prepared; the server has 16,382 for all connections together. */
const maxPrepared = 400

export interface SessionOptions {
  /** The server may ask for the data of `LOAD DATA LOCAL`. */
  readonly readsFiles?: boolean
  /** Takes a server that is read-only too, to look at it. */
  readonly readOnlyToo?: boolean
}

/** One connection that has been told how to read what EDS sends. Used by one caller at a time; nothing is committed by itself. */
export class Session {
  readonly server: ServerFacts
  readonly #connection: Connection
  readonly #timeoutMs: number
  /** Text → the server's number for it; those used last at the end. */
  readonly #prepared = new Map<string, number>()
  #broken = false

  private constructor(connection: Connection, server: ServerFacts, timeoutMs: number) {
    this.#connection = connection
    this.server = server
    this.#timeoutMs = timeoutMs
    const breaks = () => {
      this.#broken = true
    }
    connection.on('error', breaks)
    connection.on('end', breaks)
  }

  /** @throws EdsError when the server cannot be used. */
  static async open(config: MysqlConfig, signal: AbortSignal, options: SessionOptions = {}): Promise<Session> {
    const connection = await connectMysql(config, { readsFiles: options.readsFiles ?? false }, signal)
    try {
      const deadline = { signal, timeoutMs: config.connectTimeoutMs }
      const server = await onConnection(connection, () => introduce(connection), deadline)
      if (server.readOnly && !options.readOnlyToo) throw readOnlyFault()
      return new Session(connection, server, config.statementTimeoutMs)
    } catch (error) {
      connection.destroy()
      throw toMysqlError(error)
    }
  }

  /** Executes statements in order, without committing. Rejects with what the server or the connection says. */
  async send(statements: readonly BoundStatement[], signal: AbortSignal): Promise<number[]> {
    return this.#run(signal, async () => {
      const bound = []
      for (const statement of statements) {
        const id = this.#prepared.get(statement.text) ?? (await this.#prepare(statement))
        bound.push({ statement, id })
      }
      // Only of MariaDB is it known (and tested) that it reads ahead.
      const found = await submit(this.#connection, bound, this.server.mariadb)
      this.#forgetOldest()
      return found
    })
  }

  async #prepare(statement: BoundStatement): Promise<number> {
    const { text } = statement
    const prepared = await fromCallback<unknown>((done) => this.#connection.prepare(text, done)).catch((error) => {
      throw new StatementError(error, statement)
    })
    // The types of the library leave the members out. What the server said of each parameter is of no use, and takes much memory.
    const { id, parameters } = prepared as { readonly id: number; readonly parameters: unknown[] }
    parameters.length = 0
    this.#prepared.set(text, id)
    return id
  }

  #forgetOldest(): void {
    for (const [text] of this.#prepared) {
      if (this.#prepared.size <= maxPrepared) return
      this.#prepared.delete(text)
      this.#connection.unprepare(text)
    }
  }

  /** Runs one statement with parameters and gives its rows. Rejects with an `EdsError`. */
  async query<Row>(text: string, values: readonly (string | number | null)[], signal: AbortSignal): Promise<Row[]> {
    return this.#run(signal, async () => {
      try {
        // Of a SELECT it gives rows; their form is the statement's.
        return (await fromCallback((done) => this.#connection.execute(text, [...values], done))) as unknown as Row[]
      } catch (error) {
        throw toMysqlError(error)
      }
    })
  }

  /** Runs a statement without parameters that changes tables or settings. Rejects with an `EdsError`. */
  async run(text: string, signal: AbortSignal): Promise<ResultSetHeader> {
    return this.#run(signal, async () => {
      try {
        return await fromCallback<ResultSetHeader>((done) => this.#connection.query<ResultSetHeader>(text, done))
      } catch (error) {
        throw toMysqlError(error)
      }
    })
  }

  commit(signal: AbortSignal): Promise<ResultSetHeader> {
    return this.run('COMMIT', signal)
  }

  /** Leaves a transaction that failed. Never throws: a connection that cannot is unusable from then on. */
  async rollBack(): Promise<void> {
    if (this.#broken) return
    const rollBack = () => fromCallback((done) => this.#connection.query('ROLLBACK', done))
    await onConnection(this.#connection, rollBack, { timeoutMs: closeMs }).catch(() => {
      this.#broken = true
      this.#connection.destroy()
    })
  }

  /** Lends the connection to a task of its own, for streams; nobody bounds its time. */
  async lend<T>(signal: AbortSignal, task: (connection: Connection) => Promise<T>): Promise<T> {
    this.#demandUsable()
    return onConnection(this.#connection, () => task(this.#connection), { signal })
  }

  get usable(): boolean {
    return !this.#broken
  }

  /** Ends the connection, politely if that is quick. Never throws. */
  async close(): Promise<void> {
    if (!this.#broken) {
      const end = () => fromCallback((done) => this.#connection.end(done))
      await onConnection(this.#connection, end, { timeoutMs: closeMs }).catch(() => {})
    }
    this.#broken = true
    this.#connection.destroy()
  }

  async #run<T>(signal: AbortSignal, task: () => Promise<T>): Promise<T> {
    this.#demandUsable()
    try {
      return await onConnection(this.#connection, task, { signal, timeoutMs: this.#timeoutMs })
    } catch (error) {
      // The connection was cut, or is of no more use.
      if (error instanceof EdsError && (error.code === 'timeout' || signal.aborted)) this.#broken = true
      throw error
    }
  }

  #demandUsable(): void {
    if (this.#broken) throw new EdsError('connection', 'MySQL: the connection is broken')
  }
}

/** Whatever was set for the server, the database or the user: texts are read strictly, as UTF-8, times as UTC. */
const settings =
  "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION," +
  "NO_AUTO_VALUE_ON_ZERO', time_zone = '+00:00', sql_auto_is_null = 0, autocommit = 0"

async function introduce(connection: Connection): Promise<ServerFacts> {
  const run = (text: string) => fromCallback<unknown>((done) => connection.query(text, done))
  await run('SET NAMES utf8mb4')
  await run(settings)
  await run('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED')
  const [row] = (await run(factsQuery)) as FactsRow[]
  if (row === undefined) throw new EdsError('unsupported', 'MySQL: the server says nothing about itself')
  await run('COMMIT')
  return serverFacts(row)
}

function readOnlyFault(): EdsError {
  return new EdsError('connection', 'MySQL: this server is read-only', {
    fix: 'it may be a replica: name the primary in the URL',
  })
}
