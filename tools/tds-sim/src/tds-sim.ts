import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { Connection } from './connection.js'
import { Control, type InjectedFailure, type ReceivedStatement } from './control.js'
import { Database } from './engine/database.js'
import { executeAll } from './engine/execute.js'
import { Session } from './engine/session.js'
import { type PlainRow, toPlainRows } from './plain-rows.js'
import { parseBatch } from './sql/parse-batch.js'

export interface TdsSimOptions {
  readonly user: string
  readonly password: string
  readonly database: string
  /** Access token that is taken in place of user and password. */
  readonly accessToken?: string
  /** Port to listen on; a free one by default. */
  readonly port?: number
  /** The server's clock. */
  readonly now?: () => Date
}

/** A running server and what a test can do with it. */
export interface TdsSim {
  readonly url: string
  readonly port: number
  /** Runs T-SQL past the protocol; gives the rows of the last SELECT. Throws {@link SqlError}. Waits for locks as any client. */
  query(sql: string): Promise<PlainRow[]>
  /** Every request since the start or the last `clearStatements()`: one per round trip. */
  statements(): readonly ReceivedStatement[]
  clearStatements(): void
  /** Requests that the server could not carry out because they are outside of what it knows. */
  refused(): readonly string[]
  /** Application names of the logins so far. */
  applicationNames(): readonly string[]
  connectionCount(): number
  killConnections(): void
  failNext(failure: InjectedFailure): void
  /** The next request that commits changes is carried out; then the connection ends without an answer. */
  answerLostAfterCommit(): void
  /** From now on requests wait; `restore()` lets them go on. */
  stall(): void
  restore(): void
  setReadOnly(readOnly: boolean): void
  denyCreate(denied: boolean): void
  denyWrites(denied: boolean): void
  /** Ends all connections and closes the port. */
  stop(): Promise<void>
  /** Listens on the same port again, with the rows kept. */
  start(): Promise<void>
}

/** Starts a server for tests on the loopback address. */
export async function startTdsSim(options: TdsSimOptions): Promise<TdsSim> {
  const now = options.now ?? (() => new Date())
  const database = new Database(options.database)
  const control = new Control()
  const connections = new Set<Connection>()
  const applicationNames: string[] = []
  const serve = () =>
    createServer((socket) => {
      const loggedIn = (login: { applicationName: string }) => applicationNames.push(login.applicationName)
      const connection = new Connection(socket, { database, credentials: options, control, now, loggedIn })
      connections.add(connection)
      socket.on('close', () => connections.delete(connection))
    })
  let server = await listen(serve(), options.port ?? 0)
  const port = (server.address() as AddressInfo).port
  const killConnections = () => {
    for (const connection of connections) connection.kill()
  }
  const credentials = `${encodeURIComponent(options.user)}:${encodeURIComponent(options.password)}`
  return {
    url: `sqlserver://${credentials}@127.0.0.1:${port}/${encodeURIComponent(options.database)}`,
    port,
    query: (sql) => query(database, now, sql),
    statements: () => [...control.statements],
    clearStatements: () => control.statements.splice(0),
    refused: () => [...control.refused],
    applicationNames: () => [...applicationNames],
    connectionCount: () => connections.size,
    killConnections,
    failNext: (failure) => control.fail(failure),
    answerLostAfterCommit: () => control.loseAnswerAfterCommit(),
    stall: () => control.stall(),
    restore: () => control.restore(),
    setReadOnly: (readOnly) => Object.assign(database.switches, { readOnly }),
    denyCreate: (createDenied) => Object.assign(database.switches, { createDenied }),
    denyWrites: (writeDenied) => Object.assign(database.switches, { writeDenied }),
    stop: async () => {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      killConnections()
      await closed
    },
    start: async () => {
      if (!server.listening) server = await listen(serve(), port)
    },
  }
}

async function listen(server: Server, port: number): Promise<Server> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

async function query(database: Database, now: () => Date, sql: string): Promise<PlainRow[]> {
  const session = new Session({ database, user: 'test', applicationName: 'test', now, committed: () => {} })
  let rows: PlainRow[] = []
  try {
    await executeAll(session, parseBatch(sql), {
      result: (columns, found) => {
        rows = toPlainRows(columns, found)
      },
      error: (error) => {
        throw error
      },
      done: () => {},
      transaction: () => {},
      bulk: () => {},
    })
    return rows
  } finally {
    session.reset()
  }
}
