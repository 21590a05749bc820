import { readFile } from 'node:fs/promises'
import type { Client, ClientConfig } from 'pg'
import { toSourceError } from '../errors.js'
import type { Endpoint } from './endpoint.js'

/** Every session writes values the same way, whatever the server's settings, so that all modes give the same events. */
const sessionOptions = [
  '-c timezone=UTC',
  '-c datestyle=ISO',
  '-c intervalstyle=postgres',
  '-c extra_float_digits=3',
  '-c bytea_output=hex',
].join(' ')

/** A connection that died without a word answers nothing; what EDS asks for takes far less. */
const queryTimeoutMs = 120_000

/** Text of every value as the server sends it: nothing is converted by the client. */
const asText = { getTypeParser: () => (value: string) => value }

/**
 * A session, up. The caller ends it.
 *
 * @throws EdsError when the server cannot be reached or refuses.
 */
export async function connect(endpoint: Endpoint, kind: 'query' | 'replication' = 'query'): Promise<Client> {
  // Loaded here, so that a host which only lists its sources does not pay for it.
  const { default: pg } = await import('pg')
  const { host, port, database, user, password, connectTimeoutMs } = endpoint
  const config: ClientConfig & { readonly replication?: string } = {
    ...{ host, port, database, user, options: sessionOptions, application_name: 'eds' },
    // A function, because pg looks into the environment and into ~/.pgpass when the password is empty.
    password: () => password,
    ssl: await tlsOf(endpoint),
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: connectTimeoutMs,
    // The types of pg know only parsers that convert.
    types: asText as unknown as NonNullable<ClientConfig['types']>,
    ...(kind === 'replication' ? { replication: 'database' } : { query_timeout: queryTimeoutMs }),
  }
  const client = new pg.Client(config)
  // Without a listener, a connection that breaks while nobody waits for an answer would end the process.
  client.on('error', () => {})
  try {
    await client.connect()
    return client
  } catch (error) {
    destroy(client)
    throw toSourceError(error, endpoint.where)
  }
}

async function tlsOf({ sslmode, sslrootcert }: Endpoint): Promise<ClientConfig['ssl']> {
  if (sslmode === 'disable') return false
  return {
    rejectUnauthorized: sslmode.startsWith('verify-'),
    ...(sslmode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
    ...(sslrootcert === undefined ? {} : { ca: await readFile(sslrootcert) }),
  }
}

/** Cuts the connection without a good-bye. */
export function destroy(client: Client): void {
  client.connection.stream.destroy()
}

/** Runs `work` in a session of its own. */
export async function withSession<T>(endpoint: Endpoint, work: (client: Client) => Promise<T>): Promise<T> {
  const client = await connect(endpoint)
  try {
    return await work(client)
  } catch (error) {
    throw toSourceError(error, endpoint.where)
  } finally {
    await client.end().catch(() => destroy(client))
  }
}

/** All or nothing. */
export async function inTransaction<T>(client: Client, work: () => Promise<T>): Promise<T> {
  await client.query('BEGIN')
  try {
    const result = await work()
    await client.query('COMMIT')
    return result
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {})
    throw error
  }
}
