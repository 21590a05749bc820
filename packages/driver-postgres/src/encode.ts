import { type ChangeEvent, EdsError, isEdsError, type WriteFailure } from '@eds/core'
import {
  cannotInsert,
  chainOf,
  chainRows,
  type FoldedRow,
  foldRow,
  type RowChains,
  type TablePlans,
} from './compact.js'
import type { CopyBuffer } from './copy-buffer.js'
import { CopyWriter } from './copy-writer.js'
import { type ParameterStyle, ParameterWriter } from './parameter-writer.js'
import type { TablePlan, VersionPlan } from './plan.js'
import { positionText } from './position-text.js'
import { type RowText, readImage, readKey } from './row-text.js'
import type { RowWriter } from './row-writer.js'
import { textRiskOf } from './text-risk.js'
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
export function encodeBatch(events: readonly ChangeEvent[], plans: TablePlans, options: EncodeOptions): EncodedBatch {
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

type TableRows = readonly [plan: TablePlan, last: readonly number[]]

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

/** Writes rows to the writer of their table; collects the events that cannot be applied. */
class RowEncoder {
  readonly #events: readonly ChangeEvent[]
  readonly #chains: RowChains
  readonly #failures: WriteFailure[]
  /** The texts of a row while it is being written. */
  #texts: RowText = []

  constructor(events: readonly ChangeEvent[], chains: RowChains, failures: WriteFailure[]) {
    this.#events = events
    this.#chains = chains
    this.#failures = failures
  }

  write(rows: readonly number[], plan: TablePlan, writer: RowWriter): void {
    const { previous } = this.#chains
    this.#texts = new Array(plan.columns.length).fill(undefined)
    for (const last of rows) {
      if (previous[last] === -1) this.#writeSingle(last, plan, writer)
      else this.#writeChain(chainOf(previous, last), plan, writer)
    }
  }

  /** The common case: one event of the row in the batch. */
  #writeSingle(index: number, plan: TablePlan, writer: RowWriter): void {
    const event = this.#events[index] as ChangeEvent
    const version = this.#chains.versions[index] as VersionPlan
    const texts = this.#texts
    const risk = textRiskOf(event)
    const position = plan.guard ? positionText(event) : ''
    try {
      if (event.operation === 'DELETE') {
        readKey(texts, event, plan)
        writer.remove(texts, index, risk, position)
      } else {
        const absent = readImage(texts, event, event.after ?? {}, version, risk)
        const set = absent === 0 ? version.whole : plan.sets.of(texts.map((text) => text !== undefined))
        writer.put(set, texts, index, risk, position)
      }
    } catch (error) {
      if (!isEdsError(error) || error.code !== 'record') throw error
      this.#failures.push({ index, error })
    }
  }

  #writeChain(chain: readonly number[], plan: TablePlan, writer: RowWriter): void {
    const folded = foldRow(this.#events, chain, this.#chains.versions)
    if (folded.fault !== undefined) this.#failures.push(...failuresFrom(chain, folded.fault))
    if (folded.index >= 0) this.#writeFolded(folded, plan, writer)
  }

  #writeFolded({ deleted, image, index, risk }: FoldedRow, plan: TablePlan, writer: RowWriter): void {
    const position = plan.guard ? positionText(this.#events[index] as ChangeEvent) : ''
    if (deleted !== undefined) writer.remove(deleted, index, risk, position)
    if (image === undefined) return
    writer.put(plan.sets.of(image.map((text) => text !== undefined)), image, index, risk, position)
  }
}

/** The event at fault, and those of its row behind it, which build on it. */
function failuresFrom(chain: readonly number[], { place, error }: NonNullable<FoldedRow['fault']>): WriteFailure[] {
  const behind = new EdsError('record', `it follows a change of the same row that failed: ${error.message}`)
  return chain.slice(place).map((index, offset) => ({ index, error: offset === 0 ? error : behind }))
}

/** Failures for rows that the server did not find and could not make. `missing`: the last event of each. */
export function missingRows(
  events: readonly ChangeEvent[],
  { previous, versions }: RowChains,
  missing: readonly number[],
): WriteFailure[] {
  return missing.flatMap((last) => {
    const chain = chainOf(previous, last)
    const [first = last] = chain
    const { plan } = versions[first] as VersionPlan
    return failuresFrom(chain, { place: 0, error: cannotInsert(events[first] as ChangeEvent, plan) })
  })
}
