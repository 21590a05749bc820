import type { Delivery } from '@eds/core'
import type { CapturedTable } from '../column.js'
import { Database } from '../database.js'
import type { MysqlSettings } from '../settings.js'
import { readSnapshot } from '../snapshot.js'
import { quoteName } from '../value-sql.js'
import { outboxBase, outboxMvcc } from './outbox-place.js'
import type { Sequencer } from './sequencer.js'

/** The rows as they were at one sequence, exactly. */
export class OutboxSnapshot {
  readonly sequence: number
  readonly #database: Database
  readonly #settings: MysqlSettings
  readonly #tables: readonly CapturedTable[]

  private constructor(database: Database, settings: MysqlSettings, tables: readonly CapturedTable[], sequence: number) {
    this.#database = database
    this.#settings = settings
    this.#tables = tables
    this.sequence = sequence
  }

  /** While nobody else gives sequences, those changes that the snapshot sees get theirs; all others come behind it. */
  static async begin(
    sequencer: Sequencer,
    settings: MysqlSettings,
    tables: readonly CapturedTable[],
    signal: AbortSignal,
  ): Promise<OutboxSnapshot> {
    const database = await Database.open(settings, signal)
    try {
      const sequence = await sequencer.exclusively(async (state) => {
        await database.query('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ')
        await database.query('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY')
        const text = `SELECT id FROM ${quoteName(settings.outboxTable)} WHERE sequence IS NULL ORDER BY id`
        const rows = await database.query<{ id: string }>(text)
        return sequencer.give(
          state,
          rows.map(({ id }) => BigInt(id)),
        )
      })
      return new OutboxSnapshot(database, settings, tables, sequence)
    } catch (error) {
      await database.close()
      throw error
    }
  }

  rows(created: number): AsyncGenerator<Delivery[]> {
    const place = { created, sequence: this.sequence }
    const plan = {
      tables: this.#tables,
      base: outboxBase(place),
      region: this.#settings.region,
      timestamp: this.#settings.clock.now(),
      mvccTimestamp: outboxMvcc(place, 1),
    }
    return readSnapshot(this.#database, plan, this.#settings.bufferBytes)
  }

  close(): Promise<void> {
    return this.#database.close()
  }
}
