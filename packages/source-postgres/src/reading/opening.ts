import { EdsError, type OpenRequest } from '@eds/core'
import type { Client } from 'pg'
import type { ShapeRegistry } from '../catalog/shape-registry.js'
import { connect, destroy } from '../connection/connect.js'
import { gap, toSourceError } from '../errors.js'
import { chooseMode, readServerFacts } from '../install/choose-mode.js'
import { captureTables, installBase } from '../install/install.js'
import { parsePlace } from '../position.js'
import type { Settings } from '../settings.js'
import type { CaptureMode } from '../types.js'
import { CatalogView } from './catalog-view.js'
import { CursorDesk, type CursorRecord } from './cursor-desk.js'
import { lockCursor } from './cursor-lock.js'
import type { Opening } from './cursor-start.js'
import { openLog } from './open-log.js'
import { openOutbox } from './open-outbox.js'
import { DatabaseReader, pendingAt } from './reader.js'

/** Opens a reader; ends its sessions when that fails. */
export async function openReader(
  settings: Settings,
  registry: ShapeRegistry,
  request: OpenRequest,
): Promise<DatabaseReader> {
  const clients: Client[] = []
  const closing = new AbortController()
  const onAbort = () => {
    closing.abort()
    for (const client of clients) destroy(client)
  }
  request.signal.addEventListener('abort', onAbort, { once: true })
  try {
    if (request.signal.aborted) throw new EdsError('connection', 'opening the PostgreSQL source was aborted')
    const work = await connect(settings.endpoint)
    clients.push(work)
    const deskClient = await connect(settings.endpoint)
    clients.push(deskClient)
    const reader = await openWith({ settings, registry, request, work, deskClient, closing })
    request.signal.removeEventListener('abort', onAbort)
    request.signal.addEventListener('abort', () => void reader.close(), { once: true })
    return reader
  } catch (error) {
    request.signal.removeEventListener('abort', onAbort)
    closing.abort()
    for (const client of clients) destroy(client)
    throw toSourceError(error, settings.endpoint.where)
  }
}

interface Start {
  readonly settings: Settings
  readonly registry: ShapeRegistry
  readonly request: OpenRequest
  readonly work: Client
  readonly deskClient: Client
  readonly closing: AbortController
}

async function openWith(start: Start): Promise<DatabaseReader> {
  const { settings, registry, request, work, deskClient } = start
  await lockCursor(work, request.cursor, settings, settings.takeoverMs, request.signal)
  const view = await CatalogView.open(work, settings, registry)
  view.catalog.demandTables()
  const epoch = await installBase(work, settings)
  const desk = new CursorDesk(deskClient, settings.schema, request.cursor)
  const record = await desk.read()
  const mode = await modeOf(settings, work, view, record)
  checkEpoch(request, epoch)
  await captureTables(work, view.catalog.tables.values(), mode, settings)
  const opening: Opening = { ...start, desk, view, epoch, record }
  const opened = mode === 'triggers' ? await openOutbox(opening) : await openLog(opening)
  const pending = pendingAt(opened.record, opened.after)
  const { pending: _, ...plain } = opened.record
  const current: CursorRecord = pending ? { ...plain, pending } : plain
  return new DatabaseReader({ ...opening, ...opened, record: current, deskClient })
}

async function modeOf(
  settings: Settings,
  work: Client,
  view: CatalogView,
  record: CursorRecord | undefined,
): Promise<CaptureMode> {
  if (record) {
    if (settings.mode === 'auto' || settings.mode === record.mode) return record.mode
    throw new EdsError(
      'configuration',
      `the cursor was made in mode ${record.mode} and is to be read in mode ${settings.mode}`,
      {
        fix: 'forget the cursor, so that it begins anew, or leave the mode as it was',
      },
    )
  }
  if (settings.mode === 'triggers') return 'triggers'
  const facts = await readServerFacts(work, [...view.catalog.tables.keys()])
  const choice = chooseMode(facts)
  if (settings.mode === 'replication') {
    if (choice.mode === 'replication') return 'replication'
    throw new EdsError('configuration', `replication cannot be used: ${choice.reason}`, {
      fix: 'grant or set what is missing, or use mode triggers',
    })
  }
  settings.logger.info(
    { source: settings.endpoint.where, mode: choice.mode },
    `capturing by ${choice.mode}: ${choice.reason}`,
  )
  return choice.mode
}

function checkEpoch({ after }: OpenRequest, epoch: string): void {
  if (after !== undefined && parsePlace(after).epoch !== epoch) {
    throw gap('the position belongs to another installation of EDS in this database, which was removed since')
  }
}
