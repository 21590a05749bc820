import { type ChangeEvent, EdsError, type WriteFailure } from '@eds/core'
import { type ColumnSet, chainRows, type RowChains, RowEncoder, type RowText, type TablePlans } from '@eds/sql'
import { maxTextBytes, PacketBuffer } from './packet-buffer.js'
import type { MysqlTable } from './plan.js'
import { RowCollector, type SentRow } from './row-collector.js'
import {
  deleteStatement,
  patchStatement,
  positionParameter,
  presenceParameter,
  type RowStatement,
  updateStatement,
  upsertStatement,
} from './statements.js'

/** A batch as rows, one change per row. */
export interface CollectedBatch {
  readonly tables: readonly RowCollector[]
  /** Events that cannot be applied, known before anything is sent. */
  readonly failures: readonly WriteFailure[]
  readonly chains: RowChains<MysqlTable>
}

/** A statement with its parameters, ready to be sent. */
export interface BoundStatement {
  readonly table: string
  readonly text: string
  /** A request with room for its header; the statement's number is missing. */
  readonly packet: Buffer
  readonly rows: readonly SentRow[]
  readonly mustFind: boolean
}

/**
 * Sorts a batch by table and kind of change.
 *
 * @throws EdsError `schema` when a table has to be prepared first.
 */
export function collectRows(events: readonly ChangeEvent[], plans: TablePlans<MysqlTable>): CollectedBatch {
  const chains = chainRows(events, plans)
  const failures: WriteFailure[] = []
  const encoder = new RowEncoder(events, chains, failures)
  const tables = [...chains.lastByTable].map(([plan, rows]) => {
    const collector = new RowCollector(plan)
    encoder.write(rows, plan, collector)
    return collector
  })
  failures.sort((left, right) => left.index - right.index)
  return { tables, failures, chains }
}

/** Statements of this size are not made larger by further rows: far below what any server takes, so that one row more is never too much. */
const enoughBytes = 1024 * 1024
/** From so many rows of the same columns on, a statement of their own pays. */
const enoughForOwn = 32
/** The protocol counts parameters with 16 bits. */
const maxParameters = 65_535

/** Makes requests of rows, in the order in which they have to be sent. */
export class StatementBinder {
  readonly #packets: PacketBuffer
  readonly #maxPacketBytes: number
  readonly #bound: (Omit<BoundStatement, 'packet'> & { readonly from: number; readonly to: number })[] = []

  constructor(buffer: Buffer, maxPacketBytes: number) {
    this.#packets = new PacketBuffer(buffer)
    this.#maxPacketBytes = maxPacketBytes
  }

  /** @throws EdsError `record` when a row is larger than any request may be. */
  add({ plan, removed, changed }: Pick<RowCollector, 'plan' | 'removed' | 'changed'>): void {
    if (removed.length > 0) this.#bind(plan, statementOf(plan, deleteStatement), removed)
    const whole = new Set([...plan.versions.values()].map((version) => version.whole))
    const patches: SentRow[] = []
    const updates: SentRow[] = []
    for (const [set, rows] of changed) {
      if (!set.insertable) updates.push(...rows)
      else if (whole.has(set) || rows.length >= enoughForOwn) this.#bind(plan, upsertOf(plan, set), rows)
      else patches.push(...rows)
    }
    if (patches.length > 0) this.#bind(plan, statementOf(plan, patchStatement), patches)
    if (updates.length > 0) this.#bind(plan, statementOf(plan, updateStatement), updates)
  }

  /** The requests, and the buffer in which they are. */
  finish(): { readonly statements: readonly BoundStatement[]; readonly buffer: Buffer } {
    const { buffer } = this.#packets
    const statements = this.#bound.map(({ from, to, ...rest }) => ({ ...rest, packet: buffer.subarray(from, to) }))
    return { statements, buffer }
  }

  #bind(plan: MysqlTable, statement: RowStatement, rows: readonly SentRow[]): void {
    const limit = Math.min(statement.maxRows, Math.floor(maxParameters / statement.parameters.length))
    const enough = Math.min(enoughBytes, this.#maxPacketBytes / 2)
    for (let from = 0; from < rows.length; ) {
      const count = rowsThatFit(rows, from, limit, enough)
      this.#bindSome(plan, statement, rows.slice(from, from + count))
      from += count
    }
  }

  #bindSome({ table }: MysqlTable, { parameters, text, mustFind }: RowStatement, rows: readonly SentRow[]): void {
    const values: (string | null)[] = []
    let maxBytes = 0
    for (const { texts, position } of rows) {
      for (const parameter of parameters) {
        const value = parameter === positionParameter ? position : textOfParameter(texts, parameter)
        values.push(value)
        maxBytes += maxTextBytes(value)
      }
    }
    const place = this.#packets.execute(values, maxBytes)
    const bytes = place.to - place.from
    // One row only: more are taken only while they stay far below.
    if (bytes > this.#maxPacketBytes) throw tooLarge(table, bytes, this.#maxPacketBytes, rows[0]?.index ?? 0)
    this.#bound.push({ table, text: text(rows.length), rows, mustFind, ...place })
  }
}

/** A power of two, so that few different statements are kept prepared; 1 at least. */
function rowsThatFit(rows: readonly SentRow[], from: number, limit: number, enoughBytes: number): number {
  let bytes = 0
  let fitting = 0
  for (let at = from; at < rows.length && fitting < limit; at++) {
    for (const text of (rows[at] as SentRow).texts) bytes += maxTextBytes(text ?? null)
    if (bytes > enoughBytes) break
    fitting++
  }
  return 2 ** Math.floor(Math.log2(Math.max(fitting, 1)))
}

function tooLarge(table: string, bytes: number, limit: number, index: number): EdsError {
  return new EdsError('record', `a row of "${table}" takes ${bytes} bytes; the server takes requests of ${limit}`, {
    table,
    index,
    fix: 'raise max_allowed_packet at the server, then retry the dead letter',
  })
}

/** `parameter`: index of a text, or {@link presenceParameter}. */
function textOfParameter(texts: RowText, parameter: number): string | null {
  if (parameter >= 0) return texts[parameter] ?? null
  return texts[presenceParameter(parameter)] === undefined ? '0' : '1'
}

type StatementOfTable = (plan: MysqlTable) => RowStatement

const ofTables = new WeakMap<MysqlTable, Map<StatementOfTable, RowStatement>>()
const upserts = new WeakMap<ColumnSet, RowStatement>()

function statementOf(plan: MysqlTable, make: StatementOfTable): RowStatement {
  const known = ofTables.get(plan) ?? new Map<StatementOfTable, RowStatement>()
  ofTables.set(plan, known)
  const statement = known.get(make) ?? remembering(make(plan))
  known.set(make, statement)
  return statement
}

/** A column set belongs to one plan. */
function upsertOf(plan: MysqlTable, set: ColumnSet): RowStatement {
  const known = upserts.get(set) ?? remembering(upsertStatement(plan, set))
  upserts.set(set, known)
  return known
}

/** Makes each text once. */
function remembering(statement: RowStatement): RowStatement {
  const texts = new Map<number, string>()
  const text = (rows: number) => {
    const made = texts.get(rows) ?? statement.text(rows)
    texts.set(rows, made)
    return made
  }
  return { ...statement, text }
}
