import type { OpenRequest } from '@eds/core'
import type { Client } from 'pg'
import { formatPlace, type Place } from '../position.js'
import type { Settings } from '../settings.js'
import type { CaptureMode } from '../types.js'
import type { CatalogView } from './catalog-view.js'
import type { CursorDesk, CursorRecord } from './cursor-desk.js'
import type { ChangeFeed } from './feed.js'

/** Everything of a place of the stream is done. */
export const wholeIndex = 9_999_999_999

/** What a mode needs for opening a cursor. */
export interface Opening {
  readonly settings: Settings
  readonly request: OpenRequest
  readonly work: Client
  readonly deskClient: Client
  readonly desk: CursorDesk
  readonly view: CatalogView
  readonly epoch: string
  /** What the database remembers. */
  readonly record: CursorRecord | undefined
  readonly closing: AbortController
}

/** A cursor in its mode, ready to be read. */
export interface Opened {
  readonly feed: ChangeFeed
  readonly record: CursorRecord
  readonly after: Place
  readonly exported?: string
  readonly adopt: (tables: readonly number[]) => Promise<bigint>
}

/** Whether a cursor that nobody remembers begins with the rows that are there. */
export function beginsWithRows({ settings, request }: Opening): boolean {
  const { at } = request.start
  return at === 'beginning' || at === 'time' || (at === 'resume' && settings.snapshot)
}

/** The record of a cursor that begins at this point, stored. */
export async function beginRecord(opening: Opening, mode: CaptureMode, at: bigint): Promise<CursorRecord> {
  const { desk, view, epoch } = opening
  const tables = [...view.catalog.tables.keys()].sort((left, right) => left - right)
  const record: CursorRecord = {
    mode,
    position: formatPlace({ epoch, at, index: wholeIndex }),
    tables,
    ...(beginsWithRows(opening) ? { pending: { at, tables } } : {}),
  }
  await desk.write(record)
  return record
}
