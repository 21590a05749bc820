import { gap } from '../errors.js'
import { captureTables } from '../install/install.js'
import { formatPlace, type Place, parsePlace } from '../position.js'
import { Outbox } from '../triggers/outbox.js'
import { OutboxFeed } from '../triggers/outbox-feed.js'
import { SafeBound } from '../triggers/safe-bound.js'
import type { CursorRecord } from './cursor-desk.js'
import { beginRecord, type Opened, type Opening, wholeIndex } from './cursor-start.js'

/** Opens a cursor on the outbox. */
export async function openOutbox(opening: Opening): Promise<Opened> {
  const { settings, work, deskClient, view, closing, request } = opening
  const outbox = new Outbox(work, settings.schema)
  const given = request.after === undefined ? undefined : parsePlace(request.after)
  const record = await recordOf(opening, outbox, given)
  const after = given ?? parsePlace(record.position)
  const from = doneThrough(after)
  const feed = await OutboxFeed.open(
    { client: work, desk: deskClient, settings, signal: closing.signal, shapeAt: (...key) => view.shapeAt(...key) },
    from,
  )
  const adopt = async (tables: readonly number[]) => {
    const come = tables.flatMap((table) => view.catalog.tables.get(table) ?? [])
    await captureTables(work, come, 'triggers', settings)
    return completeBound(opening, outbox)
  }
  return { feed, record, after, adopt }
}

/** A row of the outbox can stand for two events, so the row that a position names is read again. */
function doneThrough({ at, index, row }: Place): bigint {
  return row || index === wholeIndex ? at : at - 1n
}

async function recordOf(opening: Opening, outbox: Outbox, given: Place | undefined): Promise<CursorRecord> {
  const { record, epoch, view, desk } = opening
  if (given) await checkHeld(outbox, given)
  if (record) return record
  if (!given) return beginRecord(opening, 'triggers', await completeBound(opening, outbox))
  const tables = [...view.catalog.tables.keys()].sort((left, right) => left - right)
  const pending = given.row ? { pending: { at: given.at, tables } } : {}
  const made: CursorRecord = { mode: 'triggers', position: formatPlace({ ...given, epoch }), tables, ...pending }
  await desk.write(made)
  return made
}

/** @throws EdsError `gap` when the outbox holds less than the position says, or no longer what comes next. */
async function checkHeld(outbox: Outbox, given: Place): Promise<void> {
  const trimmed = await outbox.trimmed()
  const from = doneThrough(given)
  if (trimmed > from && trimmed > 0n) {
    throw gap(`the outbox no longer holds what follows ${from}: everything up to ${trimmed} was let go`)
  }
  const { last } = await outbox.look()
  if (from > last)
    throw gap(`the outbox went backwards: its last number is ${last}, but ${from} was read from it before`)
}

/** A number up to which the outbox is complete, and behind which everything comes that is not visible yet. */
async function completeBound({ settings, request }: Opening, outbox: Outbox): Promise<bigint> {
  const first = await outbox.look()
  const bound = new SafeBound(-1n)
  bound.see(first)
  while (bound.bound < first.last) {
    await settings.clock.sleep(5, request.signal)
    bound.see(await outbox.look())
  }
  return bound.bound
}
