import { type ChangeEvent, EdsError, isEdsError, type WriteFailure } from '@eds/core'
import type { TablePlan, VersionPlan } from './column-plan.js'
import { cannotInsert, chainOf, type FoldedRow, foldRow, type RowChains } from './compact.js'
import { positionText } from './position-text.js'
import { type RowText, readImage, readKey } from './row-text.js'
import type { RowWriter } from './row-writer.js'
import { textRiskOf } from './text-risk.js'

/** Writes rows to the writer of their table, one change per row; collects the events that cannot be applied. */
export class RowEncoder {
  readonly #events: readonly ChangeEvent[]
  readonly #chains: RowChains
  readonly #failures: WriteFailure[]
  /** The texts of a row while it is being written. */
  #texts: RowText = []

  /** `failures` is added to, in no order. */
  constructor(events: readonly ChangeEvent[], chains: RowChains, failures: WriteFailure[]) {
    this.#events = events
    this.#chains = chains
    this.#failures = failures
  }

  /** `rows`: the last event of each row, as in {@link RowChains.lastByTable}. */
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
  { previous, versions }: Pick<RowChains, 'previous' | 'versions'>,
  missing: readonly number[],
): WriteFailure[] {
  return missing.flatMap((last) => {
    const chain = chainOf(previous, last)
    const [first = last] = chain
    const { plan } = versions[first] as VersionPlan
    return failuresFrom(chain, { place: 0, error: cannotInsert(events[first] as ChangeEvent, plan) })
  })
}
