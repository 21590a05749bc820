import { type ChangeEvent, EdsError, isEdsError } from '@eds/core'
import type { RowChunks } from '@eds/sql'
import { Applier } from './apply.js'
import { collectRows } from './encode.js'
import { toMysqlError } from './errors.js'
import type { MysqlTable } from './plan.js'
import type { Session } from './session.js'

/** Rows that are applied at a time. */
const rowsAtOnce = 3_000

/** Applies the rows of an import as the stream's are, within one transaction that it leaves open. */
export class RowMerger {
  readonly #session: Session
  readonly #plans: ReadonlyMap<string, MysqlTable>
  readonly #signal: AbortSignal
  readonly #applier = new Applier(false)

  constructor(session: Session, plans: ReadonlyMap<string, MysqlTable>, signal: AbortSignal) {
    this.#session = session
    this.#plans = plans
    this.#signal = signal
  }

  /** @throws EdsError `record` with the index of the row at fault. */
  async merge(chunks: RowChunks): Promise<number> {
    let count = 0
    for await (const chunk of chunks) {
      for (let from = 0; from < chunk.length; from += rowsAtOnce) {
        const events = chunk.slice(from, from + rowsAtOnce)
        await this.#mergeSome(events, count)
        count += events.length
      }
    }
    return count
  }

  async #mergeSome(events: readonly ChangeEvent[], before: number): Promise<void> {
    try {
      const collected = collectRows(events, this.#plans)
      const ready = this.#applier.make(events, collected, this.#session.server.maxPacketBytes)
      const [failure] = await this.#applier.apply(ready, this.#session, this.#signal)
      if (failure !== undefined) throw atRow(failure.error, failure.index)
      this.#applier.reuse(ready)
    } catch (error) {
      const known = toMysqlError(error)
      throw known.index === undefined ? known : atRow(known, before + known.index)
    }
  }
}

function atRow(error: EdsError, index: number): EdsError {
  const { code, message, table, fix } = error
  const facts = { ...(table === undefined ? {} : { table }), ...(fix === undefined ? {} : { fix }) }
  return new EdsError(code, message, { ...facts, index, cause: isEdsError(error) ? error.cause : error })
}
