import { EdsError, type Position } from '@eds/core'

/** A row of a table as it was read from it, by its physical place, so that reading can go on there. */
export interface RowPlace {
  readonly table: number
  /** File of the table; another one when it was rewritten, and then rows are elsewhere. */
  readonly file: number
  readonly block: number
  readonly offset: number
}

/** A place in the source: a change, or a row that was read at that point. */
export interface Place {
  /** Which installation of EDS in the database it belongs to. */
  readonly epoch: string
  /** Log position of the commit (replication), or number in the outbox (triggers). */
  readonly at: bigint
  /** Which change of the transaction (replication), or of the outbox row. */
  readonly index: number
  readonly row?: RowPlace
}

const pattern =
  /^([0-9a-f]{8})\.([0-9a-f]{16})\.(?:1\.(\d{10})|2\.([0-9a-f]{8})\.([0-9a-f]{8})\.([0-9a-f]{8})\.([0-9a-f]{4}))$/
const hex = (value: number | bigint, width: number) => value.toString(16).padStart(width, '0')

/** Positions sort by code unit as they are delivered: rows read at a point behind the change at that point. */
export function formatPlace({ epoch, at, index, row }: Place): Position {
  const start = `${epoch}.${hex(at, 16)}`
  if (row === undefined) return `${start}.1.${String(index).padStart(10, '0')}`
  return `${start}.2.${hex(row.table, 8)}.${hex(row.file, 8)}.${hex(row.block, 8)}.${hex(row.offset, 4)}`
}

/** @throws EdsError `configuration` for text that no PostgreSQL source made. */
export function parsePlace(position: Position): Place {
  const match = pattern.exec(position)
  if (!match) throw new EdsError('configuration', `"${position.slice(0, 100)}" is no position of a PostgreSQL source`)
  const [, epoch = '', at = '', index, table, file, block, offset] = match
  const place = { epoch, at: BigInt(`0x${at}`) }
  if (index !== undefined) return { ...place, index: Number(index) }
  const number = (digits: string | undefined) => Number.parseInt(digits ?? '0', 16)
  const row = { table: number(table), file: number(file), block: number(block), offset: number(offset) }
  return { ...place, index: 0, row }
}

/** `"<position>.<order within it>"`: increases strictly with the position. */
export function mvccOf({ at, index, row }: Place): string {
  if (row === undefined) return `${at}.${String(index).padStart(10, '0')}`
  const order = (BigInt(row.table) << 48n) + (BigInt(row.block) << 16n) + BigInt(row.offset)
  return `${at}.${order.toString().padStart(10, '0')}`
}
