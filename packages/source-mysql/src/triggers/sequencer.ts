import { EdsError } from '@eds/core'
import type { Database } from '../database.js'
import { quoteName } from '../value-sql.js'
import { stateTable } from './outbox-tables.js'

const batchRows = 2_000

/** What an outbox says of itself. */
export interface OutboxState {
  /** When it was made, epoch milliseconds. */
  readonly created: number
  /** The last sequence that was given. */
  readonly sequence: number
}

/**
 * Gives the changes of the outbox their place in the order of delivery.
 *
 * Numbers of an auto-increment column are drawn before the transaction commits: a reader that goes by them skips what commits late, and
 * one that waits for every number waits for rolled-back ones for ever. So the order is given afterwards, by one at a time, to rows that
 * are seen committed. Within one look they are ordered by `id`: of one row of a table, the change that was made first has the smaller `id` (the
 * second waited for its lock) and is visible whenever the second is. Sequences have no holes; a missing one was lost.
 */
export class Sequencer {
  readonly #database: Database
  readonly #outbox: string

  constructor(database: Database, outbox: string) {
    this.#database = database
    this.#outbox = outbox
  }

  async state(): Promise<OutboxState> {
    return this.#state('')
  }

  /** Gives sequences to what is committed; true when there was anything. */
  async advance(): Promise<boolean> {
    const table = quoteName(this.#outbox)
    const waiting = await this.#database.query(`SELECT id FROM ${table} WHERE sequence IS NULL LIMIT 1`)
    if (waiting.length === 0) return false
    await this.exclusively(async (state) => {
      const text = `SELECT id FROM ${table} WHERE sequence IS NULL ORDER BY id LIMIT ${batchRows}`
      const rows = await this.#database.query<{ id: string }>(text)
      await this.give(
        state,
        rows.map(({ id }) => BigInt(id)),
      )
    })
    return true
  }

  /** Runs `task` in a transaction while nobody else gives sequences. */
  async exclusively<T>(task: (state: OutboxState) => Promise<T>): Promise<T> {
    await this.#database.query('START TRANSACTION')
    try {
      const result = await task(await this.#state('FOR UPDATE'))
      await this.#database.query('COMMIT')
      return result
    } catch (error) {
      await this.#database.query('ROLLBACK').catch(() => {})
      throw error
    }
  }

  /** Gives the next sequences to these rows, which must be committed, in this order. Resolves to the last one. */
  async give({ sequence }: OutboxState, ids: readonly bigint[]): Promise<number> {
    let last = sequence
    for (const [first, final] of runsOf(ids)) {
      const text = `UPDATE ${quoteName(this.#outbox)} SET sequence = id - ? + ? WHERE id BETWEEN ? AND ?`
      await this.#database.query(text, [String(first), String(last + 1), String(first), String(final)])
      last += Number(final - first) + 1
    }
    if (ids.length > 0) {
      await this.#database.query(`UPDATE ${stateTable} SET sequence = ? WHERE stream = ?`, [last, this.#outbox])
    }
    return last
  }

  async #state(lock: string): Promise<OutboxState> {
    const text = `SELECT created_ms AS created, sequence FROM ${stateTable} WHERE stream = ? ${lock}`
    const [row] = await this.#database.query<{ created: string; sequence: string }>(text, [this.#outbox])
    if (row !== undefined) return { created: Number(row.created), sequence: Number(row.sequence) }
    throw new EdsError('gap', `the outbox "${this.#outbox}" was removed while it was read`, {
      fix: 'start the sink anew: changes made meanwhile were not captured',
    })
  }
}

/** Ascending numbers → runs without a hole. */
export function runsOf(ids: readonly bigint[]): [first: bigint, last: bigint][] {
  const runs: [bigint, bigint][] = []
  for (const id of ids) {
    const run = runs.at(-1)
    if (run !== undefined && run[1] + 1n === id) run[1] = id
    else runs.push([id, id])
  }
  return runs
}
