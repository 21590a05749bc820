import type { Client } from 'pg'
import { quoteTable, quoteText } from '../connection/quote.js'
import type { OutboxRow } from './outbox-row.js'
import type { SequenceSight } from './safe-bound.js'

/** Statements on the outbox. */
export class Outbox {
  readonly #client: Client
  readonly #schema: string

  constructor(client: Client, schema: string) {
    this.#client = client
    this.#schema = schema
  }

  /** Two statements, so that the locks are looked at after the sequence. */
  async look(): Promise<SequenceSight> {
    const sequence = quoteTable(this.#schema, 'eds_outbox_id_seq')
    const { rows } = await this.#client.query<{ last: string }>(
      `SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS last FROM ${sequence}`,
    )
    const { rows: holders } = await this.#client.query<{ holder: string }>(
      `SELECT DISTINCT virtualtransaction AS holder FROM pg_locks WHERE locktype = 'relation' AND mode = 'RowExclusiveLock'
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND relation = ${quoteText(sequence)}::regclass`,
    )
    return { last: BigInt(rows[0]?.last ?? 0), holders: holders.map(({ holder }) => holder) }
  }

  /** Rows behind `after` up to `through`, in order, and not many more bytes than asked for. */
  async rows(after: bigint, through: bigint, bytes: number): Promise<OutboxRow[]> {
    const own = quoteTable(this.#schema, 'eds_outbox')
    const { rows } = await this.#client.query<OutboxRow>(
      `WITH next AS (SELECT id, coalesce(pg_column_size(before), 0) + coalesce(pg_column_size(after), 0) AS size FROM ${own}
         WHERE id > ${after} AND id <= ${through} ORDER BY id LIMIT 1000),
       summed AS (SELECT id, sum(size) OVER (ORDER BY id) - size AS held FROM next)
       SELECT o.id, relation, operation, floor(extract(epoch FROM at) * 1000)::int8 AS time, to_json(columns) AS columns,
         to_json(types) AS types, before, after FROM ${own} o JOIN summed USING (id) WHERE held <= ${bytes} ORDER BY o.id`,
    )
    return rows
  }

  /** Numbers of the rows behind `after` that can be seen now, of these tables. */
  async idsBehind(after: bigint, tables: readonly number[]): Promise<string[]> {
    const own = quoteTable(this.#schema, 'eds_outbox')
    const { rows } = await this.#client.query<{ id: string }>(
      `SELECT id FROM ${own} WHERE id > ${after} AND relation = ANY ($1::int8[])`,
      [`{${tables.join(',')}}`],
    )
    return rows.map(({ id }) => id)
  }

  async trimmed(): Promise<bigint> {
    const { rows } = await this.#client.query<{ trimmed: string }>(
      `SELECT trimmed FROM ${quoteTable(this.#schema, 'eds_installation')}`,
    )
    return BigInt(rows[0]?.trimmed ?? 0)
  }

  /** Lets go of what every cursor has read; not of the row that a position names, for it may stand for two events.
   * A position holds its number as sixteen hexadecimal digits behind the mark and a dot. */
  async trim(): Promise<void> {
    const number = `('x' || substr(position, 10, 16))::bit(64)::int8`
    const through = `SELECT min(${number}) AS id FROM ${quoteTable(this.#schema, 'eds_cursor')} WHERE mode = 'triggers'`
    await this.#client.query(
      `WITH through AS (${through}),
       gone AS (DELETE FROM ${quoteTable(this.#schema, 'eds_outbox')} o USING through WHERE o.id < through.id)
       UPDATE ${quoteTable(this.#schema, 'eds_installation')} SET trimmed = through.id - 1 FROM through
       WHERE through.id - 1 > trimmed`,
    )
  }
}
