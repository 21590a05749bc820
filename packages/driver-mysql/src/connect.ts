import { readFile } from 'node:fs/promises'
import { type Deadline, EdsError, withDeadline } from '@eds/core'
import type { Connection, ConnectionOptions, SslOptions } from 'mysql2'
import type { MysqlConfig } from './config.js'
import { toMysqlError } from './errors.js'
import { type TlsPlan, tlsPlan } from './tls.js'

/**
 * Connects, encrypted or not as the configuration allows. `readsFiles`: the server may ask for the data of `LOAD DATA LOCAL`.
 *
 * @throws EdsError of the last attempt.
 */
export async function connectMysql(
  config: MysqlConfig,
  { readsFiles }: { readonly readsFiles: boolean },
  signal: AbortSignal,
): Promise<Connection> {
  const plan = tlsPlan(config)
  for (const attempt of plan.attempts) {
    try {
      const ssl = attempt === 'plain' ? undefined : await tlsOptions(config, plan)
      return await connectOnce(optionsOf(config, ssl, readsFiles), signal)
    } catch (error) {
      const known = toMysqlError(error)
      const isLast = attempt === plan.attempts.at(-1)
      if (isLast || signal.aborted || !(isMissingTls(error) || known.retryable)) throw known
    }
  }
  throw new EdsError('configuration', 'MySQL: no way to connect is allowed')
}

function isMissingTls(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'HANDSHAKE_NO_SSL_SUPPORT'
}

async function connectOnce(options: ConnectionOptions, signal: AbortSignal): Promise<Connection> {
  // Loaded here, so that a host which only lists its drivers does not pay for it.
  const { default: mysql } = await import('mysql2')
  const connection = mysql.createConnection(options)
  // Without a listener, a connection that breaks while nobody waits for an answer would end the process.
  connection.on('error', () => {})
  try {
    await onConnection(connection, () => fromCallback((done) => connection.connect(done)), { signal })
    return connection
  } catch (error) {
    connection.destroy()
    throw error
  }
}

/** https://github.com/sidorares/node-mysql2/blob/master/lib/constants/client.js; a minus takes away what is on by default. */
const flags = ['-ODBC', '-IGNORE_SPACE', '-CLIENT_QUERY_ATTRIBUTES', 'FOUND_ROWS']

function optionsOf(config: MysqlConfig, ssl: SslOptions | undefined, readsFiles: boolean): ConnectionOptions {
  const { hostname, port, username, password, database } = config
  return {
    ...(hostname.startsWith('/') ? { socketPath: hostname } : { host: hostname, port }),
    user: username,
    password: password ?? '',
    database,
    charset: 'utf8mb4',
    connectTimeout: config.connectTimeoutMs,
    flags: readsFiles ? flags : [...flags, '-LOCAL_FILES'],
    ...(ssl === undefined ? {} : { ssl }),
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
    jsonStrings: true,
    keepAliveInitialDelay: 30_000,
    connectAttributes: { program_name: 'eds' },
  }
}

async function tlsOptions({ sslca, sslcert, sslkey }: MysqlConfig, { verify }: TlsPlan): Promise<SslOptions> {
  return {
    rejectUnauthorized: verify,
    verifyIdentity: verify,
    ...(sslca === undefined ? {} : { ca: await readPem(sslca, 'sslca') }),
    ...(sslcert === undefined ? {} : { cert: await readPem(sslcert, 'sslcert') }),
    ...(sslkey === undefined ? {} : { key: await readPem(sslkey, 'sslkey') }),
  }
}

async function readPem(path: string, option: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    throw new EdsError('configuration', `the file of ?${option}= cannot be read (${reason}): ${path}`, { cause: error })
  }
}

/** Runs `task`; when the signal aborts or the time is up, cuts the connection and rejects at once. */
export function onConnection<T>(
  connection: Connection,
  task: () => Promise<T>,
  deadline: Pick<Deadline, 'signal' | 'timeoutMs'>,
): Promise<T> {
  return withDeadline(task, {
    ...deadline,
    what: 'MySQL',
    fix: 'raise statementTimeoutMs, or find out what blocks the table',
    giveUp: () => connection.destroy(),
  })
}

/** A promise for a function that calls back with an error or a value. */
export function fromCallback<T>(start: (done: (error: unknown, value?: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    // Without an error there is the value, or `T` is void.
    start((error, value) => (error ? reject(error) : resolve(value as T)))
  })
}
