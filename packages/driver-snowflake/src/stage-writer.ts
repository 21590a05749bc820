import { EdsError } from '@eds/core'
import type { ColumnSet, RowText, RowWriter, TextRisk } from '@eds/sql'
import type { SnowflakeTable } from './plan.js'

/** What is bound for one row of a stage, in the order of {@link stageColumns}. */
export type StagedRow = (string | number | null)[]

/** The rows of one set: all carry the same columns. */
export interface StagedSet {
  readonly set: ColumnSet
  /** What marks them in the stage. */
  readonly mark: number
  /** True when the row was deleted just before, so that nothing of it may stay. */
  readonly renewal: boolean
}

/** The changes of one table in one batch. */
export interface TableWork {
  readonly plan: SnowflakeTable
  readonly rows: readonly StagedRow[]
  /** Whether some rows are marked with the plan's `deleteId`. */
  readonly deletes: boolean
  readonly sets: readonly StagedSet[]
}

/** Collects the rows of one table: one staged row per key, since MERGE refuses two. */
export class StageWriter implements RowWriter {
  readonly #plan: SnowflakeTable
  readonly #rows: StagedRow[] = []
  readonly #sets = new Map<number, StagedSet>()
  readonly #keys = new Set<string>()
  /** Index of the event whose row was removed last, and the row's key. */
  #removed: { readonly index: number; readonly key: string } | undefined
  #deletes = 0
  #repeated: string | undefined

  constructor(plan: SnowflakeTable) {
    this.#plan = plan
  }

  remove(texts: RowText, index: number, _risk: TextRisk, position: string): void {
    const key = this.#claimKey(texts)
    this.#removed = { index, key }
    this.#deletes++
    this.#stage(this.#plan.deleteId, texts, index, position, key)
  }

  put(set: ColumnSet, texts: RowText, index: number, _risk: TextRisk, position: string): void {
    const renewal = this.#removed?.index === index
    const key = this.#removed !== undefined && renewal ? this.#removed.key : this.#claimKey(texts)
    if (renewal) {
      this.#rows.pop()
      this.#deletes--
      this.#removed = undefined
    }
    const mark = renewal ? this.#plan.renewalOf(set) : set.id
    if (!this.#sets.has(mark)) this.#sets.set(mark, { set, mark, renewal })
    this.#stage(mark, texts, index, position, key)
  }

  #claimKey(texts: RowText): string {
    const key = JSON.stringify(texts.slice(0, this.#plan.primaryKeys.length))
    if (this.#keys.has(key)) this.#repeated = key
    this.#keys.add(key)
    return key
  }

  #stage(mark: number, texts: RowText, index: number, position: string, key: string): void {
    const row: StagedRow = this.#plan.guard ? [mark, index, position, key] : [mark, index]
    for (const text of texts) row.push(text ?? null)
    this.#rows.push(row)
  }

  /**
   * @throws EdsError `record` without an index when two rows have one key, written differently (`1`, `1.0`): the batch has to be
   * taken apart, so that they go one after the other.
   */
  work(): TableWork {
    const { table } = this.#plan
    if (this.#repeated !== undefined) {
      throw new EdsError('record', `two rows of one batch have the key ${this.#repeated} in table "${table}"`, {
        table,
      })
    }
    return { plan: this.#plan, rows: this.#rows, deletes: this.#deletes > 0, sets: [...this.#sets.values()] }
  }
}
