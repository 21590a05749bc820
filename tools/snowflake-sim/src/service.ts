import { randomUUID } from 'node:crypto'
import { Binds, type WireBinds } from './binds.js'
import { Engine } from './engine.js'
import { type Account, identifier, type LoginData, login } from './login.js'
import { type ParsedStatement, parseStatements } from './parse-statement.js'
import { type Outcome, statementTypes, statusOutcome, writeColumn, writeValue } from './result.js'
import type { Session } from './session.js'
import { canceled, SqlError, timedOut, unsupported } from './sql-error.js'

export interface QueryRequest {
  readonly sqlText: string
  readonly bindings?: WireBinds
  readonly bindStage?: string
  readonly parameters?: Readonly<Record<string, unknown>>
}

/** One statement that reached the service, for counting round trips. */
export interface StatementRecord {
  readonly text: string
  /** Rows of array binds; 1 for single binds, 0 for none. */
  readonly bindRows: number
  readonly queryTag: string
  readonly sessionId: number
  /** `code: message` when it was refused. */
  error?: string
}

export interface Failure {
  readonly code: string
  readonly sqlState: string
  readonly message: string
}

const failed = (error: SqlError, queryId: string) => ({
  data: {
    errorCode: error.code,
    sqlState: error.sqlState,
    queryId,
    line: -1,
    pos: -1,
    type: 'COMPILATION',
    internalError: false,
    age: 0,
  },
  code: error.code,
  message: error.message,
  success: false,
  headers: null,
})

/** Sessions and queries, without HTTP. */
export class Service {
  readonly engine = new Engine()
  readonly sessions = new Map<number, Session>()
  readonly statements: StatementRecord[] = []
  readonly failures: Failure[] = []
  private readonly account: Account
  private readonly running = new Map<string, AbortController>()
  private gate: { readonly opened: Promise<void>; open(): void } | undefined

  constructor(account: Account & { readonly database: string; readonly schema: string; readonly warehouse: string }) {
    this.account = { ...account, role: identifier(account.role) }
    this.engine.catalog.addSchema(identifier(account.database), identifier(account.schema))
    this.engine.catalog.addSchema(identifier(account.database), 'PUBLIC')
    this.engine.warehouses.add(identifier(account.warehouse))
  }

  login(data: LoginData, query: URLSearchParams): Session {
    const session = login(data, query, this.account, this.engine)
    this.sessions.set(session.id, session)
    return session
  }

  endSession(session: Session): void {
    session.close()
    this.sessions.delete(session.id)
  }

  /** Holds queries back until `restore`. */
  stall(): void {
    if (this.gate !== undefined) return
    let open = () => {}
    const opened = new Promise<void>((resolve) => {
      open = resolve
    })
    this.gate = { opened, open }
  }

  restore(): void {
    this.gate?.open()
    this.gate = undefined
  }

  abort(requestId: string): void {
    this.running.get(requestId)?.abort(canceled())
  }

  /** Answers a query; the same request id gets the same answer and is executed once. */
  answer(session: Session, requestId: string, request: QueryRequest): Promise<unknown> {
    const known = session.answered.get(requestId)
    if (known !== undefined) return known
    const answer = this.run(session, requestId, request)
    session.answered.set(requestId, answer)
    return answer
  }

  private async run(session: Session, requestId: string, request: QueryRequest): Promise<unknown> {
    const queryId = randomUUID()
    const abort = new AbortController()
    this.running.set(requestId, abort)
    const seconds = Number(
      request.parameters?.STATEMENT_TIMEOUT_IN_SECONDS ?? session.parameters.STATEMENT_TIMEOUT_IN_SECONDS,
    )
    const timer = setTimeout(() => abort.abort(timedOut(seconds)), Math.min(seconds * 1000, 2_147_483_647))
    const record = this.record(session, request)
    try {
      await this.passGate(abort.signal)
      const answer = await this.runStatements(session, request, queryId, abort.signal)
      session.results.set(queryId, answer)
      return answer
    } catch (error) {
      if (!(error instanceof SqlError)) throw error
      record.error = `${error.code}: ${error.message}`
      const answer = failed(error, queryId)
      session.results.set(queryId, answer)
      return answer
    } finally {
      clearTimeout(timer)
      this.running.delete(requestId)
    }
  }

  private record(session: Session, request: QueryRequest): StatementRecord {
    const first = Object.values(request.bindings ?? {})[0]
    const record = {
      text: request.sqlText,
      bindRows: first === undefined ? 0 : Array.isArray(first.value) ? first.value.length : 1,
      queryTag: String(request.parameters?.QUERY_TAG ?? session.parameters.QUERY_TAG ?? ''),
      sessionId: session.id,
    }
    this.statements.push(record)
    return record
  }

  private async passGate(signal: AbortSignal): Promise<void> {
    if (this.gate === undefined) return
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    })
    await Promise.race([this.gate.opened, aborted])
  }

  private async runStatements(session: Session, request: QueryRequest, queryId: string, signal: AbortSignal) {
    const failure = this.failures.shift()
    if (failure !== undefined) throw new SqlError(failure.code, failure.sqlState, failure.message)
    if (request.bindStage !== undefined) throw unsupported('binds in a stage')
    const parsed = parseStatements(request.sqlText)
    const wanted = Number(request.parameters?.MULTI_STATEMENT_COUNT ?? session.parameters.MULTI_STATEMENT_COUNT ?? 1)
    if (wanted !== 0 && parsed.length !== wanted) {
      throw new SqlError(
        '000008',
        '0A000',
        `Actual statement count ${parsed.length} did not match the desired statement count ${wanted}.`,
      )
    }
    const binds = new Binds(request.bindings)
    const [only] = parsed
    if (wanted === 1 && only !== undefined) return this.runOne(only, session, binds, queryId, signal)
    const children: string[] = []
    for (const statement of parsed) {
      const childId = randomUUID()
      session.results.set(childId, await this.runOne(statement, session, binds, childId, signal))
      children.push(childId)
    }
    const outcome = statusOutcome('Multiple statements executed successfully.', statementTypes.multiple)
    const resultTypes = children.map(() => statementTypes.select).join(',')
    return succeeded(session, { ...writeOutcome(outcome), resultIds: children.join(','), resultTypes }, queryId)
  }

  private async runOne(parsed: ParsedStatement, session: Session, binds: Binds, queryId: string, signal: AbortSignal) {
    const outcome = await this.engine.execute(parsed.statement, session, binds, signal)
    return succeeded(session, 'upload' in outcome ? outcome.upload : writeOutcome(outcome), queryId)
  }
}

export const writeParameters = (session: Session) =>
  Object.entries(session.parameters).map(([name, value]) => ({ name, value }))

function writeOutcome(outcome: Outcome) {
  const rowset = outcome.rows.map((row) =>
    outcome.columns.map(({ type }, index) => writeValue(row[index] ?? null, type)),
  )
  return {
    rowtype: outcome.columns.map(writeColumn),
    rowset,
    total: rowset.length,
    returned: rowset.length,
    statementTypeId: outcome.statementType,
    version: 1,
    queryResultFormat: 'json',
    numberOfBinds: 0,
    arrayBindSupported: true,
  }
}

function succeeded(session: Session, data: object, queryId: string) {
  return {
    data: {
      parameters: writeParameters(session),
      ...data,
      queryId,
      databaseProvider: null,
      finalDatabaseName: session.database ?? null,
      finalSchemaName: session.schema ?? null,
      finalWarehouseName: session.warehouse ?? null,
      finalRoleName: session.role ?? null,
    },
    message: null,
    code: null,
    success: true,
  }
}
