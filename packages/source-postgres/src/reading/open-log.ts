import { EdsError } from '@eds/core'
import type { Client } from 'pg'
import { connect, destroy } from '../connection/connect.js'
import { quoteName, quoteTable } from '../connection/quote.js'
import { gap } from '../errors.js'
import type { Tuple } from '../event/captured-change.js'
import type { TableShape } from '../event/table-shape.js'
import { captureTables, publicationName } from '../install/install.js'
import { formatPlace, type Place, parsePlace } from '../position.js'
import { LogFeed } from '../replication/log-feed.js'
import { parseLogNumber } from '../replication/log-number.js'
import { LogStream } from '../replication/log-stream.js'
import { createSlot, dropSlot, readSlot, slotName } from '../replication/slot.js'
import type { CursorRecord } from './cursor-desk.js'
import { beginRecord, beginsWithRows, type Opened, type Opening, wholeIndex } from './cursor-start.js'

interface Begun {
  readonly client: Client
  readonly record: CursorRecord
  readonly exported?: string
}

/** Opens a cursor on its replication slot. */
export async function openLog(opening: Opening): Promise<Opened> {
  const { settings, work, view, closing, request } = opening
  const slot = slotName(request.cursor, settings.endpoint.database)
  const given = request.after === undefined ? undefined : parsePlace(request.after)
  const { client, record, exported } = await begin(opening, slot, given)
  const after = given ?? parsePlace(record.position)
  const { bufferBytes, endpoint, clock } = settings
  const stream = new LogStream(client, {
    slot,
    publication: publicationName,
    bufferBytes,
    clock,
    where: endpoint.where,
  })
  const readRow = (shape: TableShape, tuple: Tuple) => rowNow(work, shape, tuple)
  const parts = { stream, settings, readRow, signal: closing.signal }
  const feed = new LogFeed({ ...parts, shapeAt: (...key) => view.shapeAt(...key) }, after.at)
  // A transaction that was wholly delivered is not waited for again.
  await feed.release(after.at, after.index)
  const adopt = async (tables: readonly number[]) => {
    await captureTables(
      work,
      tables.flatMap((table) => view.catalog.tables.get(table) ?? []),
      'replication',
      settings,
    )
    return currentLogPlace(work)
  }
  return { feed, record, after, adopt, ...(exported === undefined ? {} : { exported }) }
}

async function begin(opening: Opening, slot: string, given: Place | undefined): Promise<Begun> {
  const { settings, work, record } = opening
  const facts = await readSlot(work, slot)
  if (record) {
    if (!facts) throw gap(`the replication slot "${slot}" is gone`)
    if (facts.isLost) throw gap(`the server no longer holds the log that the replication slot "${slot}" needs`)
    if (given && isForgotten(given, parsePlace(record.position), facts.confirmed)) {
      throw gap('the server has forgotten what follows the position: a later one was acknowledged before')
    }
    return { client: await connect(settings.endpoint, 'replication'), record }
  }
  if (given) throw gap(`there is no replication slot "${slot}" that could go on at a position`)
  // Left by an opening that did not get as far as its record.
  if (facts?.activePid !== undefined) throw slotInUse(slot, facts.activePid)
  await dropSlot(work, slot)
  const created = await createSlot(settings, slot)
  try {
    // Before the consistent point: a commit may stand at it.
    const begun = await beginRecord(opening, 'replication', created.at - 1n)
    return { client: created.client, record: begun, ...(beginsWithRows(opening) ? { exported: created.snapshot } : {}) }
  } catch (error) {
    destroy(created.client)
    throw error
  }
}

/**
 * Whether changes that follow a place were let go. Nothing is lost between what is recorded and how far the slot was confirmed, and
 * rows of tables can be read again.
 */
function isForgotten(given: Place, recorded: Place, confirmed: bigint): boolean {
  if (formatPlace(given) >= formatPlace(recorded) || (recorded.row && recorded.at === given.at)) return false
  return confirmed > (given.row || given.index === wholeIndex ? given.at + 1n : given.at)
}

function slotInUse(slot: string, pid: string): EdsError {
  return new EdsError('connection', `the replication slot "${slot}" is in use by process ${pid} of the server`, {
    fix: 'stop the other program that reads from it; sinks that are named apart do not meet',
  })
}

/** The end of the log, less one, for a commit may come to stand at it. */
async function currentLogPlace(client: Client): Promise<bigint> {
  const { rows } = await client.query<{ at: string }>('SELECT pg_current_wal_insert_lsn() AS at')
  return parseLogNumber(rows[0]?.at ?? '0/0') - 1n
}

/** The row as it is now, by its key. */
async function rowNow(client: Client, shape: TableShape, tuple: Tuple): Promise<Tuple | undefined> {
  const names = shape.columns.map(({ name }) => quoteName(name)).join(', ')
  const conditions = shape.keys.map((at, nth) => `${quoteName(shape.columns[at]?.name ?? '')} = $${nth + 1}`)
  const text = `SELECT ${names} FROM ${quoteTable(shape.schema, shape.name)} WHERE ${conditions.join(' AND ')}`
  const values = shape.keys.map((at) => tuple[at])
  const { rows } = await client.query<(string | null)[]>({ text, values, rowMode: 'array' })
  return rows[0]
}
