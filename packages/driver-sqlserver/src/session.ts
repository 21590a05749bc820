import { EdsError } from '@eds/core'
import type { BulkLoad, Connection, Request } from 'tedious'
import type { SqlServerConfig } from './config.js'
import { givenUp, openConnection } from './connect.js'
import { toSqlServerError } from './errors.js'
import { explain } from './explain.js'
import { introduce, type ServerFacts } from './introduce.js'
import { createStageStatement, hasRoom, roomFor, type StageLayout, stageColumns, stageTable } from './stage.js'
import { batchText, clearStage, type Framing, type Work } from './work.js'

/** Longest time that a request which was given up, and then the connection, may take to end. */
const closeMs = 2_000

/** One column of rows that are loaded in bulk. */
export interface BulkColumn {
  /** Without `]`: tedious sends the name within brackets and without, and escapes neither. */
  readonly name: string
  readonly type: 'int' | 'bigint' | 'float' | 'bit' | 'text'
  /** Of text; without: `NVARCHAR(MAX)`. */
  readonly length?: number | undefined
  readonly nullable: boolean
}

export interface BulkTarget {
  /** Bracketed. */
  readonly table: string
  readonly columns: readonly BulkColumn[]
  /** How long it may take; 0 for ever, `undefined` as the connection says. */
  readonly timeoutMs?: number
}

type BulkRow = readonly (string | number | bigint | boolean | null | undefined)[]

/** One connection. Used by one caller at a time. */
export class Session {
  readonly #connection: Connection
  #server: ServerFacts | undefined
  #stage: StageLayout | undefined
  #stageDirty = false
  #broken = false
  /** Settles when the request under way has. */
  #busy: Promise<unknown> = Promise.resolve()

  private constructor(connection: Connection) {
    this.#connection = connection
    connection.on('end', () => {
      this.#broken = true
    })
  }

  /** @throws EdsError when the server cannot be used. */
  static async open(config: SqlServerConfig, signal: AbortSignal): Promise<Session> {
    const session = new Session(await openConnection(config, signal))
    try {
      session.#server = await introduce(session, config, signal)
      return session
    } catch (error) {
      await session.close()
      throw error
    }
  }

  get server(): ServerFacts {
    if (this.#server === undefined) throw new TypeError('the session is not open yet')
    return this.#server
  }

  /** Runs one batch of statements. Rejects with an `EdsError`. */
  async query<Row>(text: string, signal: AbortSignal): Promise<Row[]> {
    try {
      return await this.#run<Row>(text, signal)
    } catch (error) {
      throw toSqlServerError(error)
    }
  }

  /**
   * Stages the rows of a batch and runs its statements. Answers with the indexes of events whose
   * row is not there. Rejects with an `EdsError`.
   */
  async apply(work: Work, framing: Framing, signal: AbortSignal): Promise<number[]> {
    try {
      await this.#provideStage(work.layout, signal)
      this.#stageDirty = true
      const columns = stageColumns(work.layout).map((column) => ({ ...column, nullable: column.type !== 'int' }))
      await this.bulkLoad({ table: stageTable, columns }, work.rows, signal)
      const missing = await this.#run<{ n: number }>(batchText(work, framing), signal)
      this.#stageDirty = false
      return missing.map(({ n }) => n)
    } catch (error) {
      throw explain(error, work, framing)
    }
  }

  /** Loads rows into a table by TDS bulk load; rows are taken as the server takes them. Rejects with what was thrown. */
  async bulkLoad(
    { table, columns, timeoutMs }: BulkTarget,
    rows: Iterable<BulkRow> | AsyncIterable<BulkRow>,
    signal: AbortSignal,
  ): Promise<void> {
    const { TYPES } = await import('tedious')
    const types = { int: TYPES.Int, bigint: TYPES.BigInt, float: TYPES.Float, bit: TYPES.Bit, text: TYPES.NVarChar }
    await this.#untilAborted(signal, (settle) => {
      const load = this.#connection.newBulkLoad(table, { keepNulls: true, checkConstraints: true }, settle)
      if (timeoutMs !== undefined) load.setTimeout(timeoutMs)
      for (const { name, type, length = Number.POSITIVE_INFINITY, nullable } of columns) {
        const size = type === 'text' ? { length } : {}
        load.addColumn(name, types[type], { ...size, nullable })
      }
      const onFault = (fault: Error) => {
        settle(fault)
        // tedious would wait for the server's word on a load that it has left unfinished.
        this.#cut()
      }
      const watched = Symbol.asyncIterator in rows ? watchedRows(rows, onFault) : rows
      this.#connection.execBulkLoad(load, watched as Iterable<unknown[]>)
      return load
    })
  }

  /** Leaves a transaction that failed. Never throws: a connection that cannot is unusable from then on. */
  async rollBack(): Promise<void> {
    if (this.#broken) return
    const unlimited = new AbortController().signal
    await this.#run('IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION', unlimited).catch(() => this.#cut())
  }

  /** Ends the connection; waits a little for a request that was given up. Never throws. */
  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const tooLate = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, closeMs)
    })
    await Promise.race([this.#busy, tooLate])
    clearTimeout(timer)
    this.#cut()
  }

  #cut(): void {
    this.#broken = true
    this.#connection.close()
  }

  /** Makes the stage when it is first needed, and again when rows get wider; empties it after a batch that failed. */
  async #provideStage(wanted: StageLayout, signal: AbortSignal): Promise<void> {
    if (this.#stage !== undefined && hasRoom(this.#stage, wanted)) {
      if (this.#stageDirty) await this.#run(clearStage, signal)
    } else {
      const room = roomFor(this.#stage, wanted)
      await this.#run(`DROP TABLE IF EXISTS ${stageTable};\n${createStageStatement(room)}`, signal)
      this.#stage = room
    }
    this.#stageDirty = false
  }

  async #run<Row>(text: string, signal: AbortSignal): Promise<Row[]> {
    const { Request } = await import('tedious')
    const rows: Row[] = []
    await this.#untilAborted(signal, (settle) => {
      const request = new Request(text, settle)
      request.on('row', (columns: Readonly<Record<string, { value: unknown }>>) => rows.push(toRow<Row>(columns)))
      this.#connection.execSqlBatch(request)
      return request
    })
    return rows
  }

  /** `start` calls `settle` once. When the signal aborts, the server is told (ATTENTION), and the promise rejects at once. */
  async #untilAborted(
    signal: AbortSignal,
    start: (settle: (error?: Error | null) => void) => Request | BulkLoad,
  ): Promise<void> {
    if (signal.aborted) throw givenUp()
    if (this.#broken) throw new EdsError('connection', 'SQL Server: the connection is broken')
    let onAbort = () => {}
    const settled = new Promise<void>((resolve, reject) => {
      const request = start((error) => (error ? reject(error) : resolve()))
      onAbort = () => {
        // What it did is unknown: the connection is not used again.
        this.#broken = true
        request.cancel()
        reject(givenUp())
      }
    })
    this.#busy = settled.catch(() => {})
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      await settled
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }
}

async function* watchedRows(rows: AsyncIterable<BulkRow>, onFault: (fault: Error) => void): AsyncGenerator<BulkRow> {
  try {
    yield* rows
  } catch (error) {
    onFault(error instanceof Error ? error : new Error(String(error)))
    throw error
  }
}

/** With `useColumnNames` a row comes by name of the column. */
function toRow<Row>(columns: Readonly<Record<string, { value: unknown }>>): Row {
  return Object.fromEntries(Object.entries(columns).map(([name, { value }]) => [name, value])) as Row
}
