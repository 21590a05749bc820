import { formatUrl } from '@eds/core'

/** The variables of the program esink. */
const variables = [
  ...['PORT', 'NODE_ENV', 'USE_SSL', 'SSL_CERT', 'SSL_KEY', 'DEFAULT_SOURCE', 'ALLOW_REPUBLISHING', 'SECURITY_TOKEN'],
  ...['POSTGRES_DATABASE_URL', 'MYSQL_DATABASE', 'MYSQL_HOST', 'MYSQL_PORT', 'MYSQL_USERNAME', 'MYSQL_PASSWORD'],
  ...['MYSQL_TABLE_TARGET', 'TABLE_NAMES', 'AUTH_TABLE', 'AUTH_COLUMN', 'FILTERS', 'TABLE_AUTH_COLUMN_ROUTING'],
] as const

/** Values by variable; one that is empty is absent. */
export type RealtimeEnvironment = Readonly<Record<string, string>>

/**
 * Reads the variables. A value that is in quotes as a whole loses them: lists of docker-compose (`- TABLE_NAMES='users,orders'`) and
 * `--env-file` pass them on.
 */
export function readRealtimeEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): RealtimeEnvironment {
  const values: Record<string, string> = {}
  for (const name of variables) {
    const value = withoutQuotes(environment[name] ?? '')
    if (value !== '') values[name] = value
  }
  return values
}

function withoutQuotes(text: string): string {
  const trimmed = text.trim()
  const [, , inner] = /^(['"])(.*)\1$/s.exec(trimmed) ?? []
  return inner ?? trimmed
}

/** Anything but empty, `false`, `0`, `no` and `off` means yes. */
export function isOn(value: string | undefined): boolean {
  return value !== undefined && !['', 'false', '0', 'no', 'off'].includes(value.toLowerCase())
}

/** `a, b` → its items. */
export function splitList(value: string | undefined): string[] {
  return (value ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

/** The database that the variables name, as a URL; MySQL wins. `undefined`: none. What is wrong goes to `problems`. */
export function environmentDatabase(values: RealtimeEnvironment, problems: string[]): string | undefined {
  const { MYSQL_DATABASE: database, MYSQL_HOST: host = 'localhost', MYSQL_PORT: port = '3306' } = values
  if (database === undefined) return values.POSTGRES_DATABASE_URL
  const number = /^\d+$/.test(port) ? Number(port) : 0
  if (number < 1 || number > 65_535) {
    problems.push(`MYSQL_PORT is ${JSON.stringify(port)}, which is no port`)
    return undefined
  }
  const { MYSQL_USERNAME: user = 'root', MYSQL_PASSWORD: password } = values
  return formatUrl({
    scheme: 'mysql',
    user,
    ...(password !== undefined && { password }),
    hosts: [{ host, port: number }],
    path: `/${database}`,
    query: {},
  })
}
