import { SqlError } from './engine/sql-error.js'
import type { Login } from './tds/login.js'

/** Who may log in. */
export interface Credentials {
  readonly user: string
  readonly password: string
  /** Access token that is taken in place of user and password. */
  readonly accessToken?: string
}

/** The error that a login meets; undefined where it is right. */
export function checkLogin(login: Login, credentials: Credentials, database: string): SqlError | undefined {
  const byToken = login.accessToken !== undefined && login.accessToken === credentials.accessToken
  const byPassword =
    login.user.toLowerCase() === credentials.user.toLowerCase() && login.password === credentials.password
  if (!byToken && !byPassword) {
    return new SqlError(18456, `Login failed for user '${login.user}'.`, { class: 14, state: 1 })
  }
  if (login.database === '' || login.database.toLowerCase() === database.toLowerCase()) return undefined
  return new SqlError(4060, `Cannot open database "${login.database}" requested by the login. The login failed.`, {
    class: 11,
  })
}
