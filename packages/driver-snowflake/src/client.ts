import { readFile } from 'node:fs/promises'
import { EdsError, withDeadline } from '@eds/core'
import type { Bind, Binds, Connection, ConnectionOptions, FileAndStageBindStatement, RowStatement } from 'snowflake-sdk'
import { accountOf, type SnowflakeConfig } from './config.js'
import { toSnowflakeError } from './errors.js'

/** One row of an answer. */
export type AnswerRow = Readonly<Record<string, string | number | boolean | null>>

/** A statement as it is sent. */
export interface Request {
  readonly text: string
  /** One value per `?`, or for INSERT an array of such rows. */
  readonly binds?: readonly Bind[] | readonly (readonly Bind[])[]
  /** Shown in the query history. */
  readonly tag?: string
}

/** Longest time that a good-bye to the service may take. */
const closeMs = 2_000

const silent = () => {}

/** A session of the service behind promises that always settle. Used by one caller at a time. */
export class Client {
  readonly #connection: Connection
  readonly #statementTimeoutMs: number
  #left = false

  private constructor(connection: Connection, statementTimeoutMs: number) {
    this.#connection = connection
    this.#statementTimeoutMs = statementTimeoutMs
  }

  /** Logs in. @throws EdsError */
  static async open(config: SnowflakeConfig, signal: AbortSignal): Promise<Client> {
    const connection = await createConnection(config)
    const client = new Client(connection, config.statementTimeoutMs)
    try {
      const login = () =>
        new Promise<void>((resolve, reject) => {
          connection.connect((error) => (error ? reject(error) : resolve()))
        })
      await withDeadline(login, { signal, timeoutMs: config.connectTimeoutMs, what: 'Snowflake: logging in' })
    } catch (error) {
      void client.close()
      throw toSnowflakeError(error)
    }
    return client
  }

  /** Runs one statement. When it is given up the server is told to cancel it, and the session cannot be used any more. */
  async run({ text, binds, tag }: Request, signal: AbortSignal): Promise<AnswerRow[]> {
    let statement: RowStatement | FileAndStageBindStatement | undefined
    const execute = () =>
      new Promise<AnswerRow[]>((resolve, reject) => {
        statement = this.#connection.execute({
          sqlText: text,
          // The library does not change the binds; its type has mutable rows.
          ...(binds === undefined ? {} : { binds: binds as Binds }),
          ...(tag === undefined ? {} : { parameters: { QUERY_TAG: tag } }),
          complete: (error, _statement, rows) => (error ? reject(error) : resolve(rows ?? [])),
        })
      })
    const giveUp = () => {
      if (statement !== undefined && 'cancel' in statement) statement.cancel(silent)
    }
    return withDeadline(execute, { signal, timeoutMs: this.#statementTimeoutMs, what: 'Snowflake', giveUp })
  }

  /** Ends the session, politely if that is quick. Never throws. */
  async close(): Promise<void> {
    if (this.#left) return
    this.#left = true
    // It throws when it was never up.
    const goodbye = () => new Promise<void>((resolve) => this.#connection.destroy(() => resolve()))
    await withDeadline(goodbye, { timeoutMs: closeMs, what: 'Snowflake' }).catch(silent)
  }
}

async function createConnection(config: SnowflakeConfig): Promise<Connection> {
  const options = await connectionOptions(config)
  // Loaded here, so that a host which only lists its drivers does not pay for it.
  const { default: sdk } = await import('snowflake-sdk')
  try {
    // The library's own log goes to the console and to a file in the working folder.
    const customLogger = { error: silent, warn: silent, info: silent, debug: silent, trace: silent }
    sdk.configure({
      logLevel: 'OFF',
      additionalLogToConsole: false,
      customLogger,
      disableOCSPChecks: config.ocsp === 'off',
      ocspFailOpen: config.ocsp !== 'failClosed',
    })
    return sdk.createConnection(options)
  } catch (error) {
    throw toSnowflakeError(error)
  }
}

async function connectionOptions(config: SnowflakeConfig): Promise<ConnectionOptions> {
  const { host, port, protocol, username, database, schema, warehouse, role } = config
  const address = host ?? (port === 443 ? undefined : `${accountOf(config)}.snowflakecomputing.com`)
  return {
    account: accountOf(config),
    ...(address === undefined ? {} : { accessUrl: `${protocol}://${address}:${port}`, host: address }),
    username,
    ...(await credentials(config)),
    database,
    schema,
    ...(warehouse === undefined ? {} : { warehouse }),
    ...(role === undefined ? {} : { role }),
    application: 'EDS',
    clientSessionKeepAlive: config.keepAlive,
    // Trying again is the pipeline's.
    sfRetryMaxLoginRetries: 0,
    timeout: config.statementTimeoutMs,
    // Never by way of a stage: making one would end the transaction, and rows are sent in portions anyway.
    arrayBindingThreshold: 1_000_000_000,
  }
}

async function credentials({ password, ...config }: SnowflakeConfig): Promise<ConnectionOptions> {
  const privateKey = config.privateKey ?? (await readKey(config.privateKeyFile))
  if (privateKey !== undefined) {
    const { privateKeyPassphrase } = config
    return {
      authenticator: 'SNOWFLAKE_JWT',
      privateKey,
      ...(privateKeyPassphrase === undefined ? {} : { privateKeyPass: privateKeyPassphrase }),
    }
  }
  if (password !== undefined) return { password }
  throw new EdsError('configuration', 'Snowflake: neither a password nor a private key is given', {
    fix: 'put the password into the URL, or name a key with ?privateKeyFile=',
  })
}

async function readKey(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    throw new EdsError('configuration', `the file of ?privateKeyFile= cannot be read (${reason}): ${path}`, {
      cause: error,
    })
  }
}
