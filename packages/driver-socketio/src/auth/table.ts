import { EdsError, withSignals } from '@eds/core'
import type { SocketioConfig } from '../config.js'
import { toSocketioError } from '../errors.js'
import type { AuthenticatedUser, Authenticator } from './authenticate.js'
import { type AuthDatabase, openMysql, openPostgres } from './database.js'

type TableConfig = Pick<SocketioConfig, 'authTable' | 'authColumn' | 'authIdColumn' | 'timeoutMs'>

/** Looks tokens up in a table, anew each time. */
export async function tableAuthenticator(url: string, config: TableConfig): Promise<Authenticator> {
  const open = /^postgres/.test(url) ? openPostgres : openMysql
  const database = await open(url, config.timeoutMs)
  const find = async (token: string): Promise<AuthenticatedUser | undefined> => {
    try {
      return userOf(await database.find(lookupSql(config, database), token), token)
    } catch (error) {
      throw toSocketioError(error, `looking up a token in table "${config.authTable}"`)
    }
  }
  return {
    // A token that nobody has: only whether it can be looked up matters.
    check: async (signal) => void (await within(find('eds-check'), signal)),
    authenticate: (token, signal) => within(find(token), signal),
    close: () => database.close(),
  }
}

/** `SELECT` of id and token, as text, of the row that a parameter names; identifiers quoted, `schema.table` taken apart. */
export function lookupSql(
  { authTable, authColumn, authIdColumn }: TableConfig,
  { quote, parameter, textType }: Pick<AuthDatabase, 'quote' | 'parameter' | 'textType'>,
): string {
  const table = authTable.split('.').map(quote).join('.')
  const token = quote(authColumn)
  const columns = `${quote(authIdColumn)} AS user_id, CAST(${token} AS ${textType}) AS stored`
  return `SELECT ${columns} FROM ${table} WHERE ${token} = ${parameter} LIMIT 10`
}

/**
 * The user of the row that has exactly this token. The database may take others for equal: `ABC` and `abc` by its collation, or any
 * text and 0 in a column of numbers. Two users with one token are nobody.
 */
export function userOf(
  rows: readonly Readonly<Record<string, unknown>>[],
  token: string,
): AuthenticatedUser | undefined {
  const ids = rows.filter(({ stored }) => String(stored).trimEnd() === token).map(({ user_id: id }) => id)
  const [id] = ids
  if (ids.some((other) => String(other) !== String(id))) return undefined
  if (typeof id === 'bigint') return { userId: id.toString() }
  return typeof id === 'string' || typeof id === 'number' ? { userId: id } : undefined
}

async function within<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return withSignals(
    [signal],
    (either) =>
      new Promise<T>((resolve, reject) => {
        const abort = () => reject(new EdsError('timeout', 'socket.io: the database of the tokens does not answer'))
        either.addEventListener('abort', abort, { once: true })
        if (either.aborted) abort()
        promise.then(resolve, reject)
      }),
  )
}
