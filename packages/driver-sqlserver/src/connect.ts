import { EdsError } from '@eds/core'
import type { Connection, ConnectionConfiguration } from 'tedious'
import { isEncrypted, type SqlServerConfig } from './config.js'
import { toSqlServerError } from './errors.js'

/**
 * Opens a connection and logs in.
 *
 * @throws EdsError when it cannot, or the signal aborts.
 */
export async function openConnection(config: SqlServerConfig, signal: AbortSignal): Promise<Connection> {
  if (signal.aborted) throw givenUp()
  const settings = connectionSettings(config)
  // Loaded here, so that a host which only lists its drivers does not pay for it (nor for the Azure client behind it).
  const tedious = await import('tedious')
  const connection = new tedious.Connection(settings)
  // Without a listener, a connection that breaks while nobody waits for an answer would end the process.
  connection.on('error', () => {})
  let number: number | undefined
  connection.on('errorMessage', (message) => {
    number = message.number
  })
  const onAbort = () => connection.close()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    await new Promise<void>((resolve, reject) => {
      connection.connect((error) => (error ? reject(error) : resolve()))
      connection.once('end', () => reject(givenUp()))
    })
    return connection
  } catch (error) {
    connection.close()
    throw signal.aborted ? givenUp() : loginError(error, number)
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

export function givenUp(): EdsError {
  return new EdsError('connection', 'SQL Server: given up, the caller no longer waits')
}

/** tedious keeps the message of a refused login, but not its number. */
function loginError(error: unknown, number: number | undefined): EdsError {
  if (number === undefined || !(error instanceof Error)) return connectError(error)
  return toSqlServerError(Object.assign(new Error(error.message, { cause: error }), { number }))
}

/** Nothing was sent that could have had an effect, so that it is no `timeout`. */
function connectError(error: unknown): EdsError {
  const known = toSqlServerError(error)
  return known.code === 'timeout' ? new EdsError('connection', known.message, { cause: error }) : known
}

export function connectionSettings(config: SqlServerConfig): ConnectionConfiguration {
  const { hostname, port, database, instanceName } = config
  return {
    server: hostname,
    authentication: authenticationOf(config),
    options: {
      ...(instanceName === undefined ? { port } : { instanceName }),
      database,
      encrypt: isEncrypted(config),
      trustServerCertificate: config.trustServerCertificate,
      multiSubnetFailover: config.multiSubnetFailover,
      appName: config.applicationName || 'eds',
      connectTimeout: config.connectTimeoutMs,
      requestTimeout: config.requestTimeoutMs,
      cancelTimeout: 2_000,
      // Retrying is the pipeline's.
      maxRetriesOnTransientErrors: 0,
      abortTransactionOnError: true,
      useColumnNames: true,
      useUTC: true,
    },
  }
}

type Authentication = NonNullable<ConnectionConfiguration['authentication']>

function authenticationOf(config: SqlServerConfig): Authentication {
  const { authentication: type, username: userName, password = '', clientId, tenantId } = config
  switch (type) {
    case 'default':
      return { type, options: { userName, password } }
    case 'azure-active-directory-default':
    case 'azure-active-directory-msi-vm':
    case 'azure-active-directory-msi-app-service':
      return { type, options: clientId === undefined ? {} : { clientId } }
    case 'azure-active-directory-access-token':
      return { type, options: { token: demanded(config, 'token') } }
    case 'azure-active-directory-password':
      return {
        type,
        options: { userName, password, clientId: demanded(config, 'clientId'), tenantId: tenantId ?? 'common' },
      }
    case 'azure-active-directory-service-principal-secret':
      return {
        type,
        options: {
          clientId: demanded(config, 'clientId'),
          clientSecret: demanded(config, 'clientSecret'),
          tenantId: demanded(config, 'tenantId'),
        },
      }
  }
}

function demanded(config: SqlServerConfig, name: 'token' | 'clientId' | 'clientSecret' | 'tenantId'): string {
  const value = config[name]
  if (value !== undefined) return value
  throw new EdsError('configuration', `SQL Server: ?authentication=${config.authentication} needs ?${name}=`)
}
