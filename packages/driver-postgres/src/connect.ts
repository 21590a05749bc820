import { readFile } from 'node:fs/promises'
import type { ConnectionOptions } from 'node:tls'
import { EdsError, withDeadline } from '@eds/core'
import type { Client, ClientConfig } from 'pg'
import { hostsOf, type PostgresConfig } from './config.js'
import { toPostgresError } from './errors.js'
import { type TlsPlan, tlsPlan } from './tls.js'

type Host = ReturnType<typeof hostsOf>[number]

/** Decides whether a server that let us in will do; rejects if not. */
export type AcceptServer<T> = (client: Client) => Promise<T>

/**
 * Connects to the first host that can be reached and that `accept` takes. Only trouble with a connection makes it look further: a
 * wrong password is wrong everywhere.
 *
 * @throws EdsError of the last host.
 */
export async function connectToAny<T>(
  config: PostgresConfig,
  accept: AcceptServer<T>,
  signal: AbortSignal,
): Promise<T> {
  let last = new EdsError('configuration', 'the PostgreSQL destination names no host')
  for (const host of hostsOf(config)) {
    const plan = tlsPlan(config, host.host)
    for (const attempt of plan.attempts) {
      try {
        const ssl = attempt === 'plain' ? false : await tlsOptions(config, plan)
        return await connectTo({ host, ssl, config }, accept, signal)
      } catch (error) {
        last = toPostgresError(error)
        const mayTryOtherEncryption = plan.attempts.indexOf(attempt) < plan.attempts.length - 1
        if (signal.aborted || (!last.retryable && !mayTryOtherEncryption)) throw last
      }
    }
  }
  throw last
}

interface Target {
  readonly host: Host
  readonly ssl: false | ConnectionOptions
  readonly config: PostgresConfig
}

async function connectTo<T>(target: Target, accept: AcceptServer<T>, signal: AbortSignal): Promise<T> {
  // Loaded here, so that a host which only lists its drivers does not pay for it.
  const { default: pg } = await import('pg')
  const client = new pg.Client(clientConfig(target))
  // Without a listener, a connection that breaks while nobody waits for an answer would end the process.
  client.on('error', () => {})
  try {
    const connect = async () => {
      await client.connect()
      return accept(client)
    }
    return await onConnection(client, connect, signal)
  } catch (error) {
    destroyClient(client)
    throw error
  }
}

function clientConfig({ host, ssl, config }: Target): ClientConfig {
  return {
    host: host.host,
    port: host.port,
    user: config.username,
    // A function, because pg looks into the environment and into ~/.pgpass when the password is empty.
    password: () => config.password ?? '',
    database: config.database,
    ssl,
    sslnegotiation: 'postgres',
    application_name: config.applicationName || 'eds',
    keepAlive: true,
    keepAliveInitialDelayMillis: 30_000,
    connectionTimeoutMillis: config.connectTimeoutMs,
  }
}

async function tlsOptions(config: PostgresConfig, plan: TlsPlan): Promise<ConnectionOptions> {
  const { sslrootcert, sslcert, sslkey } = config
  return {
    rejectUnauthorized: plan.verifyCertificate,
    ...(plan.verifyHost ? {} : { checkServerIdentity: () => undefined }),
    // `system` is libpq's name for the authorities that the platform trusts.
    ...(sslrootcert === undefined || sslrootcert === 'system' ? {} : { ca: await readPem(sslrootcert, 'sslrootcert') }),
    ...(sslcert === undefined ? {} : { cert: await readPem(sslcert, 'sslcert') }),
    ...(sslkey === undefined ? {} : { key: await readPem(sslkey, 'sslkey') }),
  }
}

async function readPem(path: string, option: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    throw new EdsError('configuration', `the file of ?${option}= cannot be read (${reason}): ${path}`, { cause: error })
  }
}

/** Runs `task`; when the signal aborts, cuts the connection and rejects at once. */
export function onConnection<T>(client: Client, task: () => Promise<T>, signal: AbortSignal): Promise<T> {
  return withDeadline(task, { signal, what: 'PostgreSQL', giveUp: () => destroyClient(client) })
}

/** Cuts the connection without a good-bye. */
export function destroyClient(client: Client): void {
  client.connection.stream.destroy()
}
