import type { CursorStore } from '../cursors.js'
import type { Database } from '../database.js'
import { readPlace } from '../place.js'
import type { MysqlSettings } from '../settings.js'
import { quoteName } from '../value-sql.js'
import { readOutboxBase } from './outbox-place.js'

const batchRows = 5_000

/** Deletes from the outbox what every cursor has acknowledged, once it is old enough. */
export class Trimmer {
  readonly #database: Database
  readonly #cursors: CursorStore
  readonly #settings: MysqlSettings

  constructor(database: Database, cursors: CursorStore, settings: MysqlSettings) {
    this.#database = database
    this.#cursors = cursors
    this.#settings = settings
  }

  async trim(): Promise<void> {
    const [oldest] = await this.#cursors.positions()
    // Without a cursor nobody has read anything: the next one to come begins at the oldest change.
    if (oldest === undefined) return
    const { sequence } = readOutboxBase(readPlace(oldest).base)
    const { outboxTable, retainMs, clock } = this.#settings
    const text = `DELETE FROM ${quoteName(outboxTable)} WHERE sequence <= ? AND changed_at < ? ORDER BY sequence LIMIT ${batchRows}`
    await this.#database.query(text, [sequence, clock.now() - retainMs])
  }
}
