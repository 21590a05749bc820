type Row = Readonly<Record<string, unknown>>

/** What the lookup of a token needs of a database. */
export interface AuthDatabase {
  readonly quote: (identifier: string) => string
  readonly parameter: string
  readonly textType: string
  /** Runs a query with the token as its only parameter. Rejects with the client library's errors. */
  find(sql: string, token: string): Promise<readonly Row[]>
  close(): Promise<void>
}

/** Connections that are kept. */
const maxConnections = 4

/** The token cannot be a value of the column's type, so nobody has it: invalid text, out of range, invalid characters (NUL). */
const impossibleToken = new Set(['22P02', '22003', '22021', '22007', '22008'])

export async function openPostgres(url: string, timeoutMs: number): Promise<AuthDatabase> {
  const { default: pg } = await import('pg')
  const pool = new pg.Pool({
    connectionString: url,
    max: maxConnections,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    application_name: 'eds-socketio',
  })
  // An idle connection that breaks is replaced by the next query; without a listener it would end the process.
  pool.on('error', () => {})
  return {
    quote: (identifier) => `"${identifier.replaceAll('"', '""')}"`,
    parameter: '$1',
    textType: 'text',
    find: async (sql, token) => {
      try {
        return (await pool.query<Row>(sql, [token])).rows
      } catch (error) {
        if (impossibleToken.has(String((error as { readonly code?: unknown }).code))) return []
        throw error
      }
    },
    close: () => pool.end(),
  }
}

export async function openMysql(url: string, timeoutMs: number): Promise<AuthDatabase> {
  const { createPool } = await import('mysql2/promise')
  const pool = createPool({
    uri: url.replace(/^mariadb:/, 'mysql:'),
    connectionLimit: maxConnections,
    connectTimeout: timeoutMs,
    supportBigNumbers: true,
  })
  return {
    quote: (identifier) => `\`${identifier.replaceAll('`', '``')}\``,
    parameter: '?',
    textType: 'CHAR',
    find: async (sql, token) => {
      const [rows] = await pool.execute(sql, [token])
      return rows as Row[]
    },
    close: () => pool.end(),
  }
}
