import { EdsError, withDeadline } from '@eds/core'
import type { Connection, SslOptions } from 'mysql2'
import { toSourceError } from './errors.js'
import type { MysqlSettings } from './settings.js'

/** Every value is the text that the server writes. */
export type TextRow = Readonly<Record<string, string | null>>

const closeMs = 2_000

/** Whatever was set for the server or the user: texts in UTF-8, times in UTC, no lock waited for without end. */
const introduction = [
  'SET NAMES utf8mb4',
  "SET SESSION sql_mode = 'NO_ENGINE_SUBSTITUTION', time_zone = '+00:00', autocommit = 1, lock_wait_timeout = 30, innodb_lock_wait_timeout = 30",
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
]

/** One connection. Statements are queued and run in the order of the calls; values come as text. */
export class Database {
  readonly version: string
  /** The library's connection, for streams. */
  readonly connection: Connection
  readonly #timeoutMs: number
  /** The library forgets whoever waits for an answer when a connection is destroyed. */
  readonly #waiting = new Set<(error: Error) => void>()

  #unlink = () => {}

  private constructor(connection: Connection, version: string, timeoutMs: number) {
    this.connection = connection
    this.version = version
    this.#timeoutMs = timeoutMs
  }

  /** @throws EdsError when the server cannot be used. The connection ends when the signal aborts. */
  static async open(settings: MysqlSettings, signal: AbortSignal): Promise<Database> {
    const connection = await connect(settings, signal)
    const bare = new Database(connection, '', settings.connectTimeoutMs)
    const cut = () => bare.destroy()
    signal.addEventListener('abort', cut, { once: true })
    try {
      for (const statement of introduction) await bare.query(statement)
      const [row] = await bare.query<{ version: string }>('SELECT VERSION() AS version')
      const database = new Database(connection, row?.version ?? '', settings.statementTimeoutMs)
      const end = () => database.destroy()
      signal.addEventListener('abort', end, { once: true })
      database.#unlink = () => signal.removeEventListener('abort', end)
      return database
    } catch (error) {
      bare.destroy()
      throw error
    } finally {
      signal.removeEventListener('abort', cut)
    }
  }

  get isMariadb(): boolean {
    return this.version.includes('MariaDB')
  }

  /** Runs one statement. Rejects with an `EdsError`; after a timeout the connection is gone. */
  async query<Row = TextRow>(text: string, values: readonly (string | number | null)[] = []): Promise<Row[]> {
    const request = { sql: text, values: [...values], timeout: this.#timeoutMs, typeCast: asText }
    try {
      return await this.#untilDestroyed((resolve, reject) => {
        this.connection.query(request, (error, rows) => (error ? reject(error) : resolve(rows as Row[])))
      })
    } catch (error) {
      const known = toSourceError(error, `running ${text.trim().split(/\s+/).slice(0, 3).join(' ')}`)
      if (known.code === 'timeout') this.destroy()
      throw known
    }
  }

  /** Rows of one SELECT as they come; the server waits while nobody asks for more. */
  async *stream(text: string): AsyncGenerator<TextRow> {
    const rows = this.connection.query({ sql: text, typeCast: asText }).stream({ highWaterMark: 64 })
    const cut = (error: Error) => rows.destroy(error)
    this.#waiting.add(cut)
    try {
      yield* rows as AsyncIterable<TextRow>
    } catch (error) {
      throw toSourceError(error, 'reading a table')
    } finally {
      this.#waiting.delete(cut)
    }
  }

  /** Cuts the connection; whoever waits for an answer gets an error. */
  destroy(): void {
    this.#unlink()
    this.connection.destroy()
    const error = new EdsError('connection', 'MySQL: the connection was closed')
    for (const reject of this.#waiting) reject(error)
    this.#waiting.clear()
  }

  /** Ends the connection, politely if that is quick. Never throws. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, closeMs)
      this.connection.end(() => {
        clearTimeout(timer)
        resolve()
      })
    })
    this.destroy()
  }

  async #untilDestroyed<T>(start: (resolve: (value: T) => void, reject: (error: Error) => void) => void): Promise<T> {
    let forget = () => {}
    try {
      return await new Promise<T>((resolve, reject) => {
        this.#waiting.add(reject)
        forget = () => this.#waiting.delete(reject)
        start(resolve, reject)
      })
    } finally {
      forget()
    }
  }
}

function asText(field: { string(encoding?: string): string | null }): string | null {
  return field.string('utf8')
}

async function connect(settings: MysqlSettings, signal: AbortSignal): Promise<Connection> {
  const isLocal = settings.host === 'localhost' || settings.host === '::1' || settings.host.startsWith('127.')
  const tls = settings.tls ?? (isLocal ? 'disable' : 'prefer')
  if (tls === 'disable') return connectOnce(settings, undefined, signal)
  const verify = tls === 'verify'
  const ssl = { rejectUnauthorized: verify, verifyIdentity: verify, ...(settings.ca ? { ca: settings.ca } : {}) }
  try {
    return await connectOnce(settings, ssl, signal)
  } catch (error) {
    const hasNoTls = error instanceof EdsError && codeOf(error.cause) === 'HANDSHAKE_NO_SSL_SUPPORT'
    if (tls !== 'prefer' || !hasNoTls) throw error
    return connectOnce(settings, undefined, signal)
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

async function connectOnce(
  settings: MysqlSettings,
  ssl: SslOptions | undefined,
  signal: AbortSignal,
): Promise<Connection> {
  // Loaded here, so that a host which only lists its sources does not pay for it.
  const { default: mysql } = await import('mysql2')
  if (signal.aborted) throw new EdsError('connection', 'opening the MySQL source was aborted')
  const { host, port, user, password, database, connectTimeoutMs } = settings
  const connection = mysql.createConnection({
    ...(host.startsWith('/') ? { socketPath: host } : { host, port }),
    ...{ user, password, database, charset: 'utf8mb4', connectTimeout: connectTimeoutMs },
    ...(ssl === undefined ? {} : { ssl }),
    flags: ['-LOCAL_FILES'],
    connectAttributes: { program_name: 'eds' },
  })
  // Without a listener, a connection that breaks while nobody waits for an answer would end the process.
  connection.on('error', () => {})
  const open = () =>
    new Promise<void>((resolve, reject) => connection.connect((error) => (error ? reject(error) : resolve())))
  try {
    await withDeadline(open, { signal, what: 'opening the MySQL source' })
    return connection
  } catch (error) {
    connection.destroy()
    throw toSourceError(error, `connecting to ${settings.where}`)
  }
}
