import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Binds } from './binds.js'
import { textOf } from './cast.js'
import { listen } from './http-server.js'
import { identifier } from './login.js'
import { parseStatements } from './parse-statement.js'
import { type Failure, Service, type StatementRecord } from './service.js'
import { Session } from './session.js'
import { stagedFiles } from './stage-files.js'

export interface SimulatorOptions {
  readonly user: string
  readonly password: string
  /** PEM of the public key for key-pair logins; without it they are refused. */
  readonly publicKey?: string
  /** Names as SQL writes them: upper-cased unless quoted. */
  readonly database: string
  readonly schema: string
  readonly warehouse: string
  readonly role: string
  /** 0, the default, takes a free port. */
  readonly port?: number
}

export type QueryRow = Readonly<Record<string, string | boolean | null>>

/** A running simulator and what tests do with it. All methods may be called while queries run. */
export interface SnowflakeSim {
  /** `snowflake://user:password@account/database/schema?warehouse=…&role=…&host=127.0.0.1&port=…&protocol=http` */
  readonly url: string
  readonly port: number
  /** Every request for a query since the start or the last `clearStatements`, in order. */
  statements(): readonly StatementRecord[]
  clearStatements(): void
  /** Statements whose shape the simulator does not know: a test of a driver must find none. */
  refused(): readonly StatementRecord[]
  /** Runs statements past the protocol and returns the rows of the last; values as text with all their digits. */
  query(sql: string): Promise<readonly QueryRow[]>
  /** The next query fails with this error; may be called several times. */
  failNext(failure: Failure): void
  /** Destroys all sockets; sessions live on, as they do over HTTP. */
  killConnections(): void
  /** Ends all sessions: their transactions roll back, the next request gets 390111. */
  endSessions(): void
  /** Holds all queries back, before they are executed, until `restore`. */
  stall(): void
  restore(): void
  /** The next request of each session gets 390112, which the client answers by renewing its token. */
  expireSessions(): void
  /** The next COMMIT, or the next write outside a transaction, is carried out and its answer is lost `times` times (1). */
  answerLostAfterCommit(times?: number): void
  suspendWarehouse(suspended: boolean): void
  denyCreate(denied: boolean): void
  /** Files in all stages, named `stage/path`; empty when imports cleaned up after themselves. */
  stages(): readonly string[]
  /** Sessions now logged in. */
  sessionCount(): number
  stop(): Promise<void>
  /** Listens on the same port again, with the rows kept and the sessions gone. */
  start(): Promise<void>
}

export async function startSnowflakeSim(options: SimulatorOptions): Promise<SnowflakeSim> {
  const service = new Service(options)
  const admin = new Session(
    {
      database: identifier(options.database),
      schema: identifier(options.schema),
      warehouse: identifier(options.warehouse),
      role: identifier(options.role),
    },
    {},
  )
  let lostAnswers = 0
  const withhold = (sqlText: string, answer: unknown) => {
    const succeeded = (answer as { readonly success?: boolean }).success === true
    if (lostAnswers === 0 || !succeeded || !commits(service, sqlText)) return false
    lostAnswers -= 1
    return true
  }
  let server: Server | undefined = await listen(service, options.port ?? 0, withhold)
  const { port } = server.address() as AddressInfo
  const endSessions = () => {
    for (const session of [...service.sessions.values()]) service.endSession(session)
  }
  return {
    url: urlOf(options, port),
    port,
    statements: () => [...service.statements],
    clearStatements: () => {
      service.statements.length = 0
    },
    refused: () => service.statements.filter((record) => record.error?.startsWith('001003')),
    query: (sql) => runDirectly(service, admin, sql),
    failNext: (failure) => {
      service.failures.push(failure)
    },
    killConnections: () => server?.closeAllConnections(),
    endSessions,
    stall: () => service.stall(),
    restore: () => service.restore(),
    expireSessions: () => {
      for (const session of service.sessions.values()) session.expired = true
    },
    answerLostAfterCommit: (times = 1) => {
      lostAnswers = times
    },
    suspendWarehouse: (suspended) => {
      service.engine.faults.warehouseSuspended = suspended
    },
    denyCreate: (denied) => {
      service.engine.faults.createDenied = denied
    },
    stages: () => allStagedFiles(service),
    sessionCount: () => service.sessions.size,
    stop: async () => {
      const closing = server
      server = undefined
      endSessions()
      service.restore()
      if (closing === undefined) return
      const closed = new Promise((resolve) => closing.close(resolve))
      closing.closeAllConnections()
      await closed
    },
    start: async () => {
      server ??= await listen(service, port, withhold)
    },
  }
}

function urlOf(options: SimulatorOptions, port: number): string {
  const part = encodeURIComponent
  const query = new URLSearchParams({
    warehouse: options.warehouse,
    role: options.role,
    host: '127.0.0.1',
    port: String(port),
    protocol: 'http',
  })
  const path = `${part(options.database)}/${part(options.schema)}`
  return `snowflake://${part(options.user)}:${part(options.password)}@simulator/${path}?${query}`
}

/** Whether a request made its work durable: COMMIT, or a write while no transaction is open. */
function commits(service: Service, sqlText: string): boolean {
  if (/\bCOMMIT\b/i.test(sqlText)) return true
  const open = [...service.sessions.values()].some((session) => session.transaction !== undefined)
  return !open && /^\s*(?:INSERT|UPDATE|DELETE|MERGE|COPY)\b/i.test(sqlText)
}

async function runDirectly(service: Service, session: Session, sql: string): Promise<readonly QueryRow[]> {
  let rows: readonly QueryRow[] = []
  for (const { statement } of parseStatements(sql)) {
    const outcome = await service.engine.execute(statement, session, new Binds(), new AbortController().signal)
    if ('upload' in outcome) throw new TypeError('PUT needs the client')
    rows = outcome.rows.map((row) =>
      Object.fromEntries(
        outcome.columns.map(({ name, type }, index) => {
          const value = row[index] ?? null
          return [name, value === null || typeof value === 'boolean' ? value : textOf(value, type, 9)]
        }),
      ),
    )
  }
  return rows
}

function allStagedFiles(service: Service): readonly string[] {
  const temporary = [...service.sessions.values()].flatMap((session) => [...session.temporaryStages.values()])
  return [...service.engine.catalog.stages.values(), ...temporary].flatMap((stage) =>
    stagedFiles({ stage, prefix: '' }).map((file) => `${stage.name.object}/${file.name}`),
  )
}
