import type { ChangeEvent, WriteFailure } from '@eds/core'
import { chainRows, type RowChains, RowEncoder, type TablePlans } from '@eds/sql'
import type { CopyBuffer } from './copy-buffer.js'
import { CopyWriter } from './copy-writer.js'
import { type ParameterStyle, ParameterWriter } from './parameter-writer.js'
import type { PostgresTable } from './plan.js'
import type { ParameterStatement, Work } from './work.js'

/** A batch ready to be sent. */
export interface EncodedBatch {
  /** Absent when no event can be applied. */
  readonly work: Work | undefined
  /** Events that cannot be applied, known before anything is sent. */
  readonly failures: readonly WriteFailure[]
  readonly chains: RowChains
}

export interface EncodeOptions {
  /** Where COPY data is written; absent where the server or the user's rights do not allow a stage. */
  readonly copy: CopyBuffer | undefined
  readonly parameterStyle: ParameterStyle
  /** True to put BEGIN and COMMIT around statements with parameters, where one Sync does not make them one transaction. */
  readonly begin: boolean
}

/** From about here on a stage is cheaper than parameters, per table of a batch. Measured; see the README. */
const copyFromRows = 64

/**
 * Turns a batch into what is sent to the server: one change per row, in the shape of COPY data when there is much, else as parameters.
 *
 * @throws EdsError `schema` when a table has to be prepared first.
 */
export function encodeBatch(
  events: readonly ChangeEvent[],
  plans: TablePlans<PostgresTable>,
  options: EncodeOptions,
): EncodedBatch {
  const chains = chainRows(events, plans)
  const failures: WriteFailure[] = []
  const { copy } = options
  const tables = [...chains.lastByTable]
  const rowCount = tables.reduce((sum, [, rows]) => sum + rows.length, 0)
  const encoder = new RowEncoder(events, chains, failures)
  const work =
    copy !== undefined && rowCount >= copyFromRows * tables.length
      ? encodeCopy(tables, encoder, copy)
      : encodeParameters(tables, encoder, options)
  failures.sort((left, right) => left.index - right.index)
  return { work: work.statements.length === 0 ? undefined : work, failures, chains }
}

type TableRows = readonly [plan: PostgresTable, last: readonly number[]]

function encodeCopy(tables: readonly TableRows[], encoder: RowEncoder, buffer: CopyBuffer): Work {
  const writers = tables.map(([plan, rows]) => {
    const writer = new CopyWriter(plan, buffer)
    encoder.write(rows, plan, writer)
    buffer.endCopy()
    return writer
  })
  const applied = writers.flatMap((writer) => writer.applyStatements())
  const statements = applied.length === 0 ? [] : [...writers.map((writer) => writer.copyStatement()), ...applied]
  const columns = Math.max(...tables.map(([plan]) => plan.columns.length))
  return { kind: 'copy', statements, messages: buffer.messages(), columns }
}

function encodeParameters(tables: readonly TableRows[], encoder: RowEncoder, options: EncodeOptions): Work {
  const statements = tables.flatMap(([plan, rows]) => {
    const writer = new ParameterWriter(plan, options.parameterStyle)
    encoder.write(rows, plan, writer)
    return writer.statements()
  })
  const framed = options.begin && statements.length > 0
  return { kind: 'parameters', statements: framed ? [bare('BEGIN'), ...statements, bare('COMMIT')] : statements }
}

function bare(text: string): ParameterStatement {
  return { table: '', text, values: [] }
}
