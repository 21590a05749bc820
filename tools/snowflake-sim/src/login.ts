import { createHash, createPublicKey, verify } from 'node:crypto'
import type { Engine } from './engine.js'
import { type Position, Session } from './session.js'
import { SqlError } from './sql-error.js'
import { TokenReader } from './token-reader.js'

export interface Account {
  readonly user: string
  readonly password: string
  /** PEM of the key that key-pair logins are checked against. */
  readonly publicKey?: string
  readonly role: string
}

export interface LoginData {
  readonly LOGIN_NAME?: string
  readonly PASSWORD?: string
  readonly AUTHENTICATOR?: string
  readonly TOKEN?: string
  readonly SESSION_PARAMETERS?: Readonly<Record<string, unknown>>
}

/** Checks the credentials and begins a session; names that do not exist leave it without, as the real service does. */
export function login(data: LoginData, query: URLSearchParams, account: Account, engine: Engine): Session {
  if (data.AUTHENTICATOR === 'SNOWFLAKE_JWT') checkToken(data.TOKEN ?? '', account)
  else checkPassword(data, account)
  const role = nameIn(query, 'roleName')
  if (role !== undefined && role !== account.role) {
    throw new SqlError(
      '390189',
      '08001',
      `Role '${role}' specified in the connect string does not exist or not authorized. Contact your local system administrator, or attempt to login with another role, e.g. PUBLIC.`,
    )
  }
  return new Session({ ...positionOf(query, engine), role: account.role }, data.SESSION_PARAMETERS ?? {})
}

function positionOf(query: URLSearchParams, engine: Engine): Position {
  const warehouse = nameIn(query, 'warehouse')
  const database = nameIn(query, 'databaseName')
  const schema = nameIn(query, 'schemaName') ?? 'PUBLIC'
  const known = database !== undefined && engine.catalog.databases.has(database)
  return {
    warehouse: warehouse !== undefined && engine.warehouses.has(warehouse) ? warehouse : undefined,
    database: known ? database : undefined,
    schema: known && engine.catalog.hasSchema(database, schema) ? schema : undefined,
  }
}

/** A name of the connection is an identifier: upper-cased unless quoted. */
function nameIn(query: URLSearchParams, parameter: string): string | undefined {
  const given = query.get(parameter)
  return given === null || given === '' ? undefined : identifier(given)
}

export const identifier = (text: string) => (text.startsWith('"') ? new TokenReader(text).name() : text.toUpperCase())

function checkPassword(data: LoginData, account: Account): void {
  const user = data.LOGIN_NAME?.toUpperCase() === account.user.toUpperCase()
  if (!user || data.PASSWORD !== account.password) {
    throw new SqlError('390100', '08001', 'Incorrect username or password was specified.')
  }
}

const invalidToken = (reason: string) => new SqlError('390144', '08001', `JWT token is invalid. [${reason}]`)

/** Issuer, subject, validity and signature, as the service documents key-pair logins. */
function checkToken(token: string, account: Account): void {
  const [header = '', payload = '', signature = ''] = token.split('.')
  if (account.publicKey === undefined) throw invalidToken('no public key is set for the user')
  const key = createPublicKey(account.publicKey)
  const signed = verify('RSA-SHA256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url'))
  if (!signed) throw invalidToken('signature')
  const claims: { readonly iss?: string; readonly sub?: string; readonly exp?: number } = JSON.parse(
    Buffer.from(payload, 'base64url').toString(),
  )
  const digest = createHash('sha256')
    .update(key.export({ format: 'der', type: 'spki' }))
    .digest('base64')
  const user = claims.sub?.split('.').at(-1)
  if (user !== account.user.toUpperCase()) throw invalidToken('subject')
  if (claims.iss !== `${claims.sub}.SHA256:${digest}`) throw invalidToken('issuer')
  // The client writes milliseconds where the standard has seconds; both are well in the future for a fresh token.
  // RFC 7519 counts seconds; the client writes milliseconds.
  const expiresAt = claims.exp ?? 0
  if ((expiresAt > 1e11 ? expiresAt : expiresAt * 1000) < Date.now()) throw invalidToken('expired')
}
