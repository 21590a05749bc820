import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import type { Stage, Table } from './catalog.js'
import { Transaction } from './transaction.js'
import type { Row } from './value.js'

/** What the service reports to clients at login; a session's own settings go over them. Times without a zone are UTC here. */
export const defaultParameters: Readonly<Record<string, string | number | boolean>> = {
  AUTOCOMMIT: true,
  BINARY_OUTPUT_FORMAT: 'HEX',
  CLIENT_SESSION_KEEP_ALIVE: false,
  CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY: 3600,
  // The client cannot stream binds into a stage of local files: they come inline however many there are.
  CLIENT_STAGE_ARRAY_BINDING_THRESHOLD: 2_147_483_647,
  DATE_OUTPUT_FORMAT: 'YYYY-MM-DD',
  ERROR_ON_NONDETERMINISTIC_MERGE: true,
  JS_TREAT_INTEGER_AS_BIGINT: false,
  QUERY_CONTEXT_CACHE_SIZE: 5,
  QUERY_TAG: '',
  STATEMENT_TIMEOUT_IN_SECONDS: 172_800,
  TIME_OUTPUT_FORMAT: 'HH24:MI:SS',
  TIMESTAMP_LTZ_OUTPUT_FORMAT: '',
  TIMESTAMP_NTZ_OUTPUT_FORMAT: 'YYYY-MM-DD HH24:MI:SS.FF3',
  TIMESTAMP_OUTPUT_FORMAT: 'YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM',
  TIMESTAMP_TZ_OUTPUT_FORMAT: '',
  TIMEZONE: 'UTC',
}

export interface Position {
  readonly database?: string | undefined
  readonly schema?: string | undefined
  readonly warehouse?: string | undefined
  readonly role?: string | undefined
}

let lastSessionId = 1000

function nextSessionId(): number {
  lastSessionId += 1
  return lastSessionId
}

/** One login: current names, parameters, temporary objects and the open transaction. */
export class Session {
  readonly id = nextSessionId()
  token: string = randomUUID()
  readonly masterToken: string = randomUUID()
  expired = false
  database: string | undefined
  schema: string | undefined
  warehouse: string | undefined
  role: string | undefined
  readonly parameters: Record<string, unknown>
  readonly temporaryTables = new Map<string, Table>()
  readonly temporaryStages = new Map<string, Stage>()
  /** Answers by query id, for the results of one request with several statements. */
  readonly results = new Map<string, unknown>()
  /** Answers by request id: a request sent again gets its first answer and is not executed again. */
  readonly answered = new Map<string, Promise<unknown>>()
  transaction: Transaction | undefined

  constructor(position: Position, parameters: Readonly<Record<string, unknown>>) {
    this.database = position.database
    this.schema = position.schema
    this.warehouse = position.warehouse
    this.role = position.role
    this.parameters = { ...defaultParameters, ...parameters }
  }

  rowsOf(table: Table): readonly Row[] {
    return this.transaction?.rowsOf(table) ?? table.rows
  }

  begin(): void {
    this.transaction ??= new Transaction(true)
  }

  commit(): void {
    this.transaction?.commit()
    this.transaction = undefined
  }

  rollback(): void {
    this.transaction?.rollback()
    this.transaction = undefined
  }

  /** Rolls back and forgets the temporary objects. */
  close(): void {
    this.rollback()
    for (const stage of this.temporaryStages.values()) rmSync(stage.folder, { recursive: true, force: true })
    this.temporaryStages.clear()
    this.temporaryTables.clear()
  }
}
