import type { Socket } from 'node:net'
import type { Control, ReceivedStatement } from './control.js'
import { fitColumn, makeRow, positionsOf } from './engine/change-rows.js'
import type { Database } from './engine/database.js'
import { executeAll, fail } from './engine/execute.js'
import { Cancelled } from './engine/locks.js'
import { Session } from './engine/session.js'
import { SqlError } from './engine/sql-error.js'
import { type Credentials, checkLogin } from './login-check.js'
import { parseBatch } from './sql/parse-batch.js'
import { readBulk } from './tds/bulk.js'
import { ByteWriter } from './tds/byte-writer.js'
import { type Login, readLogin } from './tds/login.js'
import { type Message, MessageAssembler, messageType, toPackets } from './tds/packet.js'
import { writePreLogin } from './tds/pre-login.js'
import { readBatch, readCall, readTransactionRequest, transactionRequest } from './tds/requests.js'
import { Response } from './tds/response.js'
import { doneToken, writeDone, writeError } from './tds/tokens.js'
import { writeLogin } from './tds/write-login.js'

const executeSql = 10
const mostParameters = 2100
/** Syntax and procedures that this server does not know. */
const outsideOfSubset: readonly number[] = [102, 2812]

export interface ConnectionOptions {
  readonly database: Database
  readonly credentials: Credentials
  readonly control: Control
  readonly now: () => Date
  readonly loggedIn: (login: Login) => void
}

/** Serves one client: requests one after another, an ATTENTION at once. */
export class Connection {
  readonly #socket: Socket
  readonly #options: ConnectionOptions
  readonly #assembler = new MessageAssembler()
  #session: Session | undefined
  #packetSize = 4096
  #queue = Promise.resolve()
  #committed = false
  #ending = false
  #bulkTarget: Response['bulkTarget']

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket
    this.#options = options
    socket.setNoDelay(true)
    socket.on('data', (chunk) => this.#receive(chunk))
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#session?.end())
  }

  /** Ends the connection at once; what it has not committed is taken back. */
  kill(): void {
    this.#socket.destroy()
  }

  #receive(chunk: Buffer): void {
    for (const message of this.#assembler.push(chunk)) {
      if (message.type === messageType.attention) this.#session?.cancel()
      this.#queue = this.#queue.then(() => this.#serve(message)).catch((error: unknown) => this.#breakDown(error))
    }
  }

  /** A message that this server cannot read is its own shortcoming: say so, then end as a server does on a protocol error. */
  #breakDown(error: unknown): void {
    this.#options.control.refused.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
    const text = error instanceof Error ? error.message : String(error)
    this.#sendError(
      new SqlError(4002, `The incoming TDS protocol stream is incorrect or not supported: ${text}`, { class: 20 }),
    )
    this.#socket.end()
  }

  async #serve(message: Message): Promise<void> {
    await this.#options.control.whenRunning()
    if (this.#socket.destroyed) return
    if (message.type === messageType.preLogin) this.#send(writePreLogin())
    else if (message.type === messageType.login) this.#login(readLogin(message.payload))
    else if (message.type === messageType.attention) this.#sendDone({ attention: true })
    else if (message.ignored) this.#sendDone({ error: true })
    else if (this.#session) await this.#request(message, this.#session)
    else throw new RangeError('A request came before the login')
  }

  /** A message of its own, also behind the answer of a request that was cancelled: clients read both. */
  #sendDone(done: { readonly error?: boolean; readonly attention?: boolean }): void {
    const writer = new ByteWriter()
    writeDone(writer, { token: doneToken.done, ...done })
    this.#send(writer.finish())
  }

  #login(login: Login): void {
    const { database, credentials, loggedIn, now } = this.#options
    const refusal = checkLogin(login, credentials, database.name)
    if (refusal) {
      this.#sendError(refusal)
      this.#socket.end()
      return
    }
    const { user, applicationName } = login
    const committed = () => {
      this.#committed = true
    }
    this.#session = new Session({ database, user, applicationName, now, committed })
    const packetSize = Math.min(Math.max(login.packetSize || 4096, 512), 32_767)
    this.#send(writeLogin({ database: database.name, packetSize, withToken: login.accessToken !== undefined }))
    this.#packetSize = packetSize
    loggedIn(login)
  }

  async #request(message: Message, session: Session): Promise<void> {
    if (message.resetConnection) session.reset()
    this.#committed = false
    const isCall = message.type === messageType.rpc
    const response = new Response({
      inProcedure: isCall,
      reset: message.resetConnection,
      onError: (error) => this.#noteError(error),
    })
    try {
      await this.#carryOut(message, session, response)
    } catch (error) {
      if (!(error instanceof SqlError || error instanceof Cancelled)) throw error
      if (error instanceof Cancelled) response.cancelled()
      else fail(session, error, session.undoLog.length, response)
    }
    this.#answer(session, response)
  }

  #noteError(error: SqlError): void {
    const { refused, statements } = this.#options.control
    if (outsideOfSubset.includes(error.number)) refused.push(`${error.message} ${statements.at(-1)?.sql}`)
    if (error.reach === 'connection') this.#ending = true
  }

  #answer(session: Session, response: Response): void {
    const afterwards = this.#committed ? this.#options.control.afterCommit() : undefined
    if (afterwards === 'lose') {
      this.kill()
      return
    }
    if (afterwards) response.error(afterwards)
    this.#bulkTarget = response.bulkTarget
    if (this.#socket.destroyed) return
    this.#send(response.finish(session.transactionDepth > 0))
    if (this.#ending) this.#socket.end()
  }

  async #carryOut(message: Message, session: Session, response: Response): Promise<void> {
    const { payload } = message
    if (message.type === messageType.sqlBatch) await this.#batch(readBatch(payload), session, response)
    else if (message.type === messageType.rpc) await this.#call(payload, session, response)
    else if (message.type === messageType.bulkLoad) this.#bulk(payload, session, response)
    else if (message.type === messageType.transaction)
      this.#transaction(readTransactionRequest(payload), session, response)
    else throw new RangeError(`Messages of type ${message.type} are not supported`)
  }

  #record(statement: ReceivedStatement): void {
    this.#options.control.statements.push(statement)
    // The client sends its settings by itself when it has logged in: no test means that request.
    if (!/^\s*set ansi_nulls/i.test(statement.sql)) this.#options.control.beforeRequest(statement.sql)
  }

  async #batch(sql: string, session: Session, response: Response): Promise<void> {
    this.#record({ kind: 'batch', sql, count: 0 })
    session.variables.clear()
    await executeAll(session, parseBatch(sql), response)
  }

  async #call(payload: Buffer, session: Session, response: Response): Promise<void> {
    const { procedure, parameters } = readCall(payload)
    const [statement, , ...values] = parameters
    if (procedure !== executeSql && procedure !== 'sp_executesql') {
      throw new SqlError(2812, `Could not find stored procedure '${procedure}'.`, { state: 62, reach: 'batch' })
    }
    const sql = String(statement?.value ?? '')
    this.#record({ kind: 'rpc', sql, count: values.length })
    if (parameters.length > mostParameters) {
      throw new SqlError(
        8003,
        `The incoming request has too many parameters. The server supports a maximum of ${mostParameters} parameters.`,
        {
          reach: 'batch',
        },
      )
    }
    const depth = session.transactionDepth
    const variables = new Map(values.map(({ name, type, value }) => [name, { type, value }]))
    const finished = await session.asProcedure(variables, () => executeAll(session, parseBatch(sql), response))
    if (finished && session.transactionDepth !== depth) response.error(mismatch(depth, session.transactionDepth))
  }

  #bulk(payload: Buffer, session: Session, response: Response): void {
    const target = this.#bulkTarget
    if (!target) throw new SqlError(4002, 'The incoming bulk load has no INSERT BULK before it.', { reach: 'batch' })
    const { columns, rows } = readBulk(payload)
    this.#record({ kind: 'bulk', sql: `bulk load into ${target.table.join('.')}`, count: rows.length })
    const table = session.writableTable(target.table, 'INSERT')
    const positions = positionsOf(
      table,
      columns.map((column) => column.name),
    )
    const mark = session.undoLog.length
    try {
      for (const row of rows) {
        const fitted = columns.map(({ type }, index) =>
          fitColumn(table, positions[index] ?? -1, row[index] ?? null, type),
        )
        table.insert(makeRow(session, table, positions, fitted), session.undoLog)
      }
    } catch (error) {
      session.undoTo(mark)
      throw error
    }
    session.rowCount = rows.length
    session.endStatement()
    response.done(rows.length)
  }

  #transaction(request: number, session: Session, response: Response): void {
    const [kind] = Object.entries(transactionRequest).find(([, number]) => number === request) ?? []
    this.#record({ kind: 'transaction', sql: `${kind ?? request} transaction`, count: 0 })
    if (kind === 'begin') session.begin()
    else if (kind === 'commit') session.commit()
    else if (kind === 'rollback') session.rollback()
    else throw new SqlError(3914, `The transaction request ${request} is not supported.`, { reach: 'batch' })
    response.transaction(kind)
  }

  #sendError(error: SqlError): void {
    const writer = new ByteWriter()
    writeError(writer, error)
    writeDone(writer, { token: doneToken.done, error: true })
    this.#send(writer.finish())
  }

  #send(payload: Buffer): void {
    if (!this.#socket.destroyed) this.#socket.write(toPackets(messageType.response, payload, this.#packetSize))
  }
}

function mismatch(before: number, now: number): SqlError {
  const message = `Transaction count after EXECUTE indicates a mismatching number of BEGIN and COMMIT statements. Previous count = ${before}, current count = ${now}.`
  return new SqlError(266, message, { state: 2 })
}
